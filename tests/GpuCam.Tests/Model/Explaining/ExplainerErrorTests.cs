using GpuCam.Model;
using GpuCam.Tests.Model.Onnx;

namespace GpuCam.Tests.Model.Explaining;

/// <summary>Every mistake of a program is one line that says what to give.</summary>
public sealed class ExplainerErrorTests
{
    public static TheoryData<string, string> Requests => new()
    {
        { "class 5", "class 5 is out of range: the network has 5 classes, counted from 0" },
        { "class -1", "class -1 is out of range" },
        { "method", "unknown method 'camera': choose from cam, gradcam" },
        { "layer", "unknown layer 'conv99': maps can be made of" },
        { "pair", "unknown layer 'conv99'" },
        { "pooled", "method cam needs the layer that is pooled, last" },
        { "smoothing", "method fullgrad weights no channels" },
        { "top", "the best 0 classes were asked for; give at least 1" },
        { "threshold", "a box threshold of 1.5 is out of range; give 0 to 1" },
        { "nan", "a box threshold of NaN is out of range; give 0 to 1" },
        { "settings", "0 samples are out of range; give at least 1" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_wrong_request_is_named(string which, string fragment)
    {
        using Explainer explainer = TinyPictures.Load();
        ExplainRequest request = which switch
        {
            "class 5" => new() { Classes = [0, 5] },
            "class -1" => new() { Classes = [-1] },
            "method" => new() { Method = "camera" },
            "layer" => new() { Layer = "conv99" },
            "pair" => new() { Method = "gradcam", Layer = "last+conv99" },
            "pooled" => new() { Method = "cam", Layer = "early" },
            "smoothing" => new() { Method = "fullgrad", Smoothing = CamSmoothing.PrincipalComponent },
            "top" => new() { Top = 0 },
            "threshold" => new() { BoxThreshold = 1.5f },
            "nan" => new() { BoxThreshold = float.NaN },
            _ => new() { Method = "iscam", Settings = new CamMethodOptions { Samples = 0 } },
        };
        Says(fragment, () => explainer.Explain(TinyPictures.Pictures[0], request));
        Says(fragment, () => explainer.Explain(TinyPictures.Pictures, request));
        Assert.NotNull(explainer.Explain(TinyPictures.Pictures[0]).Map);
    }

    [Fact]
    public void A_wrong_picture_is_named()
    {
        using Explainer explainer = TinyPictures.Load();
        Says("a picture of 10 x 10 pixels has 300 bytes of RGB, not 299", () => explainer.Explain(new byte[299], 10, 10));
        Says("a picture of 0 x 10 pixels has none; give one with pixels", () => explainer.Explain([], 0, 10));
        Says("a picture of 2 x 2 pixels has 12 bytes of RGB, not 16",
            () => explainer.Explain([TinyPictures.Pictures[0], new RgbPicture(new byte[16], 2, 2)]));
        ClassMap map = explainer.Explain(TinyPictures.Pictures[0]).Map;
        Says("a picture of 40 x 30 pixels has 3600 bytes of RGB, not 12", () => map.Overlay(new byte[12]));
    }

    [Fact]
    public void A_wrong_model_is_named()
    {
        string bare = Path.Combine(PeerFolder.Small, "resnet", "opset13.onnx");
        Says("nothing says how pictures become this network's input; give ExplainerOptions.Preprocessing", () => Load(bare));
        Says("nowhere.onnx", () => Load("nowhere.onnx"));
        Says("nowhere: the model cannot be read", () => Load("nowhere"));
        Says("Explaining", () => Load(Path.Combine("Explaining", "nowhere.safetensors")));
        Says("0 pictures at once cannot be; give at least 1", () => Load(TinyPictures.Model, new ExplainerOptions { BatchSize = 0 }));
        Says("there are 2 names, but the network has 5 classes; give its own",
            () => Load(TinyPictures.Model, TinyPictures.Options with { ClassNames = ["a", "b"] }));
        Says("elsewhere", () => Load(TinyPictures.Model, TinyPictures.Options with { Logits = "elsewhere" }));
        Says("-1 threads: give a number from 1 to 1024", () => Load(TinyPictures.Model, TinyPictures.Options with { Threads = -1 }));
    }

    private static void Load(string path, ExplainerOptions? options = null) =>
        Explainer.Load(path, options ?? TinyPictures.Options).Dispose();

    private static void Says(string fragment, Action action)
    {
        string message = Assert.Throws<GpuCamException>(action).Message;
        Assert.Contains(fragment, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}
