// Explains a picture: dotnet run -- model.onnx photo.jpg overlay.png
using GpuCam.Model;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

using Image<Rgb24> image = Image.Load<Rgb24>(args[1]);
image.Mutate(picture => picture.AutoOrient());
byte[] pixels = new byte[3 * image.Width * image.Height];
image.CopyPixelDataTo(pixels);

using var explainer = Explainer.Load(args[0]);
Explanation explanation = explainer.Explain(pixels, image.Width, image.Height);
foreach (ClassPrediction prediction in explanation.Predictions.Take(5))
{
    Console.WriteLine(prediction);
}

ClassMap map = explanation.Map;
Console.WriteLine($"{map.Class.Name} at {map.Box} ({map.Method} at {map.Layer}, {explainer.Device})");
using var overlay = Image.LoadPixelData<Rgb24>(map.Overlay(pixels), image.Width, image.Height);
overlay.SaveAsPng(args[2]);
