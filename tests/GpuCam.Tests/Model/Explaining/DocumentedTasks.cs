using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.Tests.Model.Explaining;

/// <summary>
/// The code of README.md, docs/library.md and the packages' READMEs, line by line, so that it compiles; a test finds what is missing here.
/// </summary>
internal static class DocumentedTasks
{
    public static byte[] InFiveLines(byte[] pixels, int width, int height)
    {
        using var explainer = Explainer.Load("model.onnx");
        Explanation explanation = explainer.Explain(pixels, width, height);
        Console.WriteLine($"{explanation.Best}, there: {explanation.Map.Box}");
        byte[] overlay = explanation.Map.Overlay(pixels);
        return overlay;
    }

    public static byte[] OfThePackage(byte[] pixels, int width, int height)
    {
        using var explainer = Explainer.Load("model.onnx", new ExplainerOptions { Preprocessing = Preprocessing.Preset("imagenet") });
        Explanation explanation = explainer.Explain(pixels, width, height);       // 3 bytes a pixel, RGB
        Console.WriteLine($"{explanation.Best}, there: {explanation.Map.Box}");
        byte[] overlay = explanation.Map.Overlay(pixels);                         // RGB as well
        return overlay;
    }

    public static void WhatAFileDoesNotSay()
    {
        using var explainer = Explainer.Load("model.onnx", new ExplainerOptions
        {
            Preprocessing = Preprocessing.Preset("imagenet"),       // or PreprocessingFile.Load("preprocessor_config.json")
            ClassNames = ClassNames.Load("imagenet_classes.txt"),
        });
    }

    public static void AnotherMethod(Explainer explainer, byte[] pixels, int width, int height)
    {
        Explanation explanation = explainer.Explain(pixels, width, height, new ExplainRequest
        {
            Method = "layercam",            // one of explainer.MethodNames; docs/methods.md says what each is good for
            Layer = "layer2+layer3",        // of explainer.LayerNames; several make one map together
            Classes = [281, 207],           // indices; without, the best one, or Top = 3
            Smoothing = CamSmoothing.Augmentation,
        });
        foreach (ClassMap map in explanation.Maps)
        {
            Console.WriteLine($"{map.Class}: {map.Range.Explanation ?? map.Box.ToString()}");
        }
    }

    public static int ManyPictures(Explainer explainer, IReadOnlyList<RgbPicture> pictures)
    {
        IReadOnlyList<Explanation> explanations = explainer.Explain(pictures, new ExplainRequest { Method = "gradcam" });
        return explanations.Count;
    }

    public static void OnAGpu()
    {
        using var explainer = Explainer.Load("model.onnx", new ExplainerOptions { Backend = Backend.Cuda, Precision = Precision.TF32 });
        Console.WriteLine(explainer.Device);
    }

    public static void WithinATime(Explainer explainer, byte[] pixels, int width, int height)
    {
        var progress = new Progress<ExplainProgress>(done => Console.WriteLine($"{done.Share:0 %}"));
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            explainer.Explain(pixels, width, height, new ExplainRequest { Method = "scorecam" }, progress, stop.Token);
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("took too long");
        }
    }

    public static (byte[] Large, byte[] Small) PixelsOfYourOwn(
        Explainer explainer, byte[] bitmap, int width, int height, int stride, byte[] thumbnail)
    {
        var picture = RgbPicture.From(bitmap, width, height, PixelLayout.Bgra, stride);
        Explanation explanation = explainer.Explain([picture])[0];
        byte[] overlay = explanation.Map.Overlay(picture.Pixels.Span);
        byte[] small = explanation.Map.Overlay(thumbnail, 320, 240);
        return (overlay, small);
    }

    public static void LoadedByHand()
    {
        using IDevice device = DeviceCatalog.Create(Backend.Auto, deviceIndex: 0, threads: 0);
        using Execution execution = NetworkLoader.Load(new NetworkRequest("runs/first"), device);
        using var explainer = new Explainer(execution, owns: false);
    }

    public static void WhatThereIs()
    {
        foreach (DeviceInfo device in DeviceCatalog.List())
        {
            Console.WriteLine($"{device.Backend} {device.Index}: {device.Name} {device.Reason}");
        }
    }
}
