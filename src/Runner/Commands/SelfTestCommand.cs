using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Kernels.SelfTests;
using GpuCam.Model.SelfTests;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam selftest</c>: whether a device computes what the host does; what to run first on a new GPU.</summary>
internal static class SelfTestCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "print one JSON object" };
        var command =
            new Command("selftest", "Check every op and a stretch of training on a device against the plain host kernels.") { json };
        var devices = new DeviceOptions(command);
        command.SetAction(parsed => Run(() => devices.Open(parsed), device => devices.Variants(parsed, device), parsed.GetValue(json)));
        return command;
    }

    private static int Run(Func<IDevice> open, Func<IDevice, IReadOnlyList<DeviceVariant>> variantsOf, bool json)
    {
        long start = Stopwatch.GetTimestamp();
        string description;
        Precision precision;
        IReadOnlyList<DeviceVariant> variants;
        using (IDevice device = open())     // first, so that a device that is not there is a plain error
        {
            (description, precision, variants) = (device.Description, device.Precision, variantsOf(device));
        }

        if (!json)
        {
            Console.Out.WriteLine($"{description} ({DeviceCatalog.Engine}), {DeviceCatalog.NameOf(precision)}\n\n{Header}");
        }

        var results = new List<SelfTestResult>();
        foreach (SelfTestResult result in Results(open, precision, variants))
        {
            results.Add(result);
            if (!json)
            {
                Console.Out.WriteLine(Row(result));
            }
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        int failed = results.Count(result => !result.Passed);
        if (json)
        {
            Console.Out.WriteLine(RunnerJson.Line(new
            {
                device = description,
                precision = DeviceCatalog.NameOf(precision),
                build = DeviceCatalog.Engine,
                passed = results.Count - failed,
                failed,
                seconds,
                checks = results
            }));
            return failed == 0 ? CommandLine.Done : CommandLine.Failed;
        }

        Console.Out.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"\n{results.Count - failed} passed, {failed} failed in {seconds:0.0} s"));
        return failed == 0 ? CommandLine.Done : CommandLine.Failed;
    }

    /// <summary>Everything with the kernels that the device chooses, then the ops that have a choice with those that it does not.</summary>
    private static IEnumerable<SelfTestResult> Results(
        Func<IDevice> open, Precision precision, IReadOnlyList<DeviceVariant> variants)
    {
        OpCase[] small = [.. RoundedProducts.Cases(precision, OpCases.Small)];
        return OpSelfTest.Run(open, "default", small.Concat(RoundedProducts.Cases(precision, OpCases.Network)))
            .Concat(TrainingSelfTest.Run(open))
            .Concat(variants.SelectMany(variant => OpSelfTest.Run(variant.Open, variant.Name, small.Where(one => one.HasGroupKernel))));
    }

    private static string Header =>
        "      check                        kernels       shape                          max error  tolerance  first ms        ms";

    private static string Row(SelfTestResult result)
    {
        string row = string.Create(
            CultureInfo.InvariantCulture,
            $"{(result.Passed ? "pass" : "FAIL"),-5} {result.Name,-28} {result.Variant,-13} {result.Shape,-30} {result.Error,9:0.0e+00} "
                + $"{result.Tolerance,10:0.0e+00} {result.FirstMilliseconds,9:0.00} {result.Milliseconds,9:0.00}");
        return result.Failure is null ? row : $"{row}\n      {result.Failure}";
    }
}
