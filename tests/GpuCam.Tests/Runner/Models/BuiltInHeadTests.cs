using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Models;

namespace GpuCam.Tests.Runner.Models;

/// <summary>The last layer that this program has for a fetched network.</summary>
public sealed class BuiltInHeadTests
{
    [Fact]
    public void It_is_for_the_file_that_is_fetched_and_its_classes_have_names_that_people_read()
    {
        HeadFile head = BuiltInHead.Find("resnet18")!;
        Assert.Equal(("resnet18", ModelSource.Named("resnet18").Files[0].Sha256), (head.Base, head.BaseSha256));
        Assert.Equal((101, 512), (head.Weights.Classes, head.Weights.Features));
        Assert.Equal(101, head.ClassNames.Distinct().Count());
        Assert.Contains("sea horse", head.ClassNames);
        Assert.DoesNotContain(head.ClassNames, name => name.Contains('_', StringComparison.Ordinal));
        Assert.True(head is { HasMeanImage: true, Preprocessing: not null });
        Assert.Equal("a built-in head for 101 classes of Caltech-101", head.Title());
        Assert.Null(BuiltInHead.Find("resnet"));
    }

    [Fact]
    public void It_is_taken_for_the_name_of_the_network_alone_and_where_that_has_none_of_its_own()
    {
        Assert.Null(ModelNames.HeadFor("ResNet18.onnx", null));
        Assert.Null(ModelNames.HeadFor("resnet18", "pool"));
        var byName = new NetworkRequest("resnet18") { Head = ModelNames.HeadFor("resnet18", null) };
        Assert.True(NetworkLoader.TakesHead(byName, Features()));
        Assert.False(NetworkLoader.TakesHead(byName with { Head = null }, Features()));
        Assert.False(NetworkLoader.TakesHead(byName, LeNetGap.Describe(new NetworkConfig(1, 16, ["a", "b"]))));
    }

    [Fact]
    public void A_network_that_is_not_fetched_says_how_it_is()
    {
        var head = new HeadFile(new HeadWeights(new float[4], new float[2]), ["a", "b"], "resnet18", "00", "pool");
        GpuCamException error = Assert.Throws<GpuCamException>(() => BaseFile.OfHead(head, "head.safetensors", ModelNames.FetchedBase));
        Assert.True(
            error.Message == "resnet18 is not fetched yet; give 'gpucam model get resnet18' first"
            || error.Message.StartsWith("head.safetensors: it is the head of a resnet18 with SHA-256 00", StringComparison.Ordinal),
            error.Message);
    }

    private static Network Features()
    {
        var builder = new GraphBuilder();
        Value x = builder.Conv2D("conv", builder.Input("image", new Shape(1, 8, 8, 3)), 4, 3);
        return new Network(builder.Build(builder.GlobalPool("pool", x, GlobalPooling.Average)), []);
    }
}
