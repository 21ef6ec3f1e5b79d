using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Kernels.SelfTests;

namespace GpuCam.Tests.Kernels.SelfTests;

/// <summary>The self-test passes on every device of this build, and finds each kind of fault.</summary>
public class OpSelfTestTests
{
    private static readonly Type[] s_besideGroups =
    [
        typeof(ChannelPaddingKernel), typeof(DepthwiseBackwardDataKernel), typeof(DepthwiseBackwardWeightKernel),
        typeof(DepthwiseForwardKernel), typeof(DeviationQuotientKernel), typeof(SplitSumKernel), typeof(TurnedTapsKernel),
    ];

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Every_op_passes(string device)
    {
        SelfTestResult[] results = [.. OpSelfTest.Run(() => TestDevices.Create(device), "default", OpCases.Small)];
        Assert.Equal(OpCases.Small.Count, results.Length);
        Assert.All(results, result => Assert.True(result.Passed, $"{result}"));
    }

    [Fact]
    public void Every_plain_kernel_is_launched_by_a_case()
    {
        var launched = new HashSet<Type>();
        Assert.All(OpSelfTest.Run(() => new TamperedDevice(launched: Launched), "plain", OpCases.Small), result =>
            Assert.True(result.Passed, $"{result}"));
        IEnumerable<Type> kernels = typeof(IKernel).Assembly.GetTypes()
            .Where(type => type.IsValueType && type.IsAssignableTo(typeof(IKernel)));
        // What only devices for group kernels need beside them.
        Assert.Equal(s_besideGroups, kernels.Except(launched).OrderBy(type => type.Name, StringComparer.Ordinal));

        void Launched(Type kernel) => launched.Add(kernel.IsGenericType ? kernel.GetGenericTypeDefinition() : kernel);
    }

    [Fact]
    public void Every_group_kernel_is_launched_by_a_case_that_is_known_to_have_one()
    {
        var launched = new HashSet<Type>();
        OpCase[] cases = [.. OpCases.Small.Where(one => one.HasGroupKernel)];
        Assert.All(
            OpSelfTest.Run(() => new TamperedDevice(launched: Launched,
                inner: TestDevices.WithGroups(TestDevices.HostGroups, new LaunchRow(16, Splits: 3))), "groups", cases),
            result => Assert.True(result.Passed, $"{result}"));
        IEnumerable<Type> kernels = typeof(IGroupKernel).Assembly.GetTypes()
            .Where(type => type.IsValueType && (type.IsAssignableTo(typeof(IGroupKernel)) || type.IsAssignableTo(typeof(ITiledProduct))));
        Assert.Equal([typeof(AsyncProductKernel<,,>)], kernels.Except(launched));     // for CUDA alone
        Assert.Empty(s_besideGroups.Except(launched));

        void Launched(Type kernel) => launched.UnionWith(Definitions(kernel));
    }

    [Theory]
    [InlineData(Precision.TF32)]
    [InlineData(Precision.BFloat16)]
    public void A_device_that_rounds_gets_every_tiled_product_for_its_tensor_cores_by_a_case_that_is_small(Precision precision)
    {
        var launched = new HashSet<Type>();
        IEnumerable<OpCase> cases = RoundedProducts.Cases(precision, OpCases.Small).Where(one => one.HasGroupKernel && one.IsProduct);
        SelfTestResult[] results = [.. OpSelfTest.Run(() => new TamperedDevice(launched: Launched, precision: precision,
            inner: TestDevices.WithGroups(TestDevices.HostGroups, new LaunchRow(16, Splits: 3))), "groups", cases)];
        IEnumerable<Type> products = typeof(ITiledProduct).Assembly.GetTypes()
            .Where(type => type.IsValueType && type.IsAssignableTo(typeof(ITiledProduct)));
        Assert.Empty(products.Except(launched));
        Assert.All(results, result => Assert.True(result.Passed || result.Failure == "no tensor cores", $"{result}"));

        void Launched(Type kernel)
        {
            if (Definitions(kernel)[0] == typeof(AsyncProductKernel<,,>))
            {
                launched.UnionWith(Definitions(kernel));
                throw new NotSupportedException("no tensor cores");
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_device_has_variants_where_it_compiles_kernels_and_they_open(string device)
    {
        using IDevice opened = TestDevices.Create(device);
        IReadOnlyList<DeviceVariant> variants = DeviceCatalog.Variants(opened, 0);
        if (opened is HostDevice)
        {
            Assert.Empty(variants);
            return;
        }

        Assert.Contains(variants, variant => variant.Name == "groups of 1");
        Assert.Contains(variants, variant => variant.Name == "groups of 16");
        Assert.All(variants, variant =>
        {
            OpCase[] cases = [.. OpCases.Small.Where(one => one.HasGroupKernel).Take(1)];
            Assert.All(OpSelfTest.Run(variant.Open, variant.Name, cases), result => Assert.True(result.Passed, $"{result}"));
        });
    }

    [Fact]
    public void A_result_that_is_slightly_wrong_fails()
    {
        SelfTestResult[] results = Run(() => new TamperedDevice(values => values[values.Length / 2] += 0.01f));
        Assert.All(results, result => Assert.False(result.Passed, $"{result}"));
        Assert.All(results, result => Assert.True(result.Error > 1e-4 || result.Failure is not null, $"{result}"));
    }

    [Fact]
    public void A_NaN_fails()
    {
        SelfTestResult[] results = Run(() => new TamperedDevice(values => values[values.Length / 2] = float.NaN));
        Assert.All(results, result => Assert.False(result.Passed, $"{result}"));
        Assert.All(results, result => Assert.Equal(double.NaN, result.Error));
    }

    [Fact]
    public void A_thread_that_never_runs_fails()
    {
        SelfTestResult[] results = Run(() => new TamperedDevice(launch: count => count - 1));
        Assert.All(results, result => Assert.False(result.Passed, $"{result}"));
    }

    [Fact]
    public void An_op_that_is_launched_and_does_nothing_fails()
    {
        SelfTestResult[] results = Run(() => new TamperedDevice(launch: _ => 0));
        Assert.All(results, result => Assert.False(result.Passed, $"{result}"));
    }

    [Fact]
    public void A_write_outside_of_a_tensor_fails()
    {
        SelfTestResult[] results = Run(() => new TamperedDevice(values =>
        {
            if (values.Length > 128)    // a whole buffer, guard cells and all
            {
                values[^1] = 0;
            }
        }));
        Assert.All(results, result => Assert.StartsWith("written outside of ", result.Failure, StringComparison.Ordinal));
    }

    [Fact]
    public void Other_bits_in_a_second_run_fail()
    {
        float noise = 0;
        SelfTestResult[] results = Run(() => new TamperedDevice(values => values[0] += noise += 1e-6f));
        Assert.All(results, result => Assert.EndsWith("differs between two runs", result.Failure, StringComparison.Ordinal));
    }

    [Fact]
    public void An_exception_is_a_failure_of_its_op_and_the_next_gets_a_new_device()
    {
        int opened = 0;
        SelfTestResult[] results = Run(() =>
        {
            opened++;
            return new TamperedDevice(launch: _ => throw new InvalidOperationException("illegal\naddress"));
        });
        Assert.Equal(results.Length, opened);
        Assert.All(results, result => Assert.Equal("illegal address", result.Failure));
        Assert.All(results, result => Assert.False(result.Passed));
    }

    [Fact]
    public void A_device_that_does_not_open_fails()
    {
        SelfTestResult[] results = Run(() => throw new GpuCamException("does not open"));
        Assert.All(results, result => Assert.Equal("does not open", result.Failure));
    }

    [Fact]
    public void Errors_are_relative_to_the_largest_value_and_never_NaN_passed()
    {
        Assert.Equal(0.5, SelfTestResult.ErrorOf([0, 0.25f], [0.5f, 0.25f]));
        Assert.Equal(0.25, SelfTestResult.ErrorOf([4, 0], [4, 1]));
        Assert.Equal(double.NaN, SelfTestResult.ErrorOf([1], [float.NaN]));
        Assert.Equal(double.NaN, SelfTestResult.ErrorOf([float.PositiveInfinity], [float.PositiveInfinity]));
        Assert.Equal(double.NaN, SelfTestResult.ErrorOf([1, 2], [1]));
        Assert.Equal(double.NaN, SelfTestResult.ErrorOf([], []));
        Assert.False(new SelfTestResult("op", "default", "", double.NaN, 1, 0, 0, null).Passed);
    }

    /// <summary>A kernel without its arguments, and these: one kernel makes all tiled products, and they say which.</summary>
    private static Type[] Definitions(Type kernel) =>
        kernel.IsGenericType ? [kernel.GetGenericTypeDefinition(), .. kernel.GetGenericArguments().SelectMany(Definitions)] : [kernel];

    private static SelfTestResult[] Run(Func<IDevice> open)
    {
        OpCase[] cases =
            [.. OpCases.Small.Where(one => one.Op is "conv forward" or "average pool forward" or "adam step" or "linear backward bias")];
        return [.. OpSelfTest.Run(open, "default", cases)];
    }
}
