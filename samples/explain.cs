#!/usr/bin/env dotnet
// A program in one file: dotnet run explain.cs model.onnx photo.jpg [METHOD] [LAYER]
#:package GpuCam.Model@0.1.0
#:package SixLabors.ImageSharp@2.1.13
#:property PublishAot=false
using GpuCam;
using GpuCam.Model;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

if (args is not [var model, var photo, .. var how])
{
    Console.Error.WriteLine("usage: dotnet run explain.cs MODEL PICTURE [METHOD] [LAYER]");
    return 1;
}

try
{
    using var explainer = Explainer.Load(model);
    using Image<Rgb24> image = Image.Load<Rgb24>(photo);
    image.Mutate(picture => picture.AutoOrient());
    byte[] pixels = new byte[3 * image.Width * image.Height];
    image.CopyPixelDataTo(pixels);
    var request = new ExplainRequest { Method = how.ElementAtOrDefault(0), Layer = how.ElementAtOrDefault(1), Top = 3 };
    foreach (ClassMap map in explainer.Explain(pixels, image.Width, image.Height, request).Maps)
    {
        string file = $"{Path.GetFileNameWithoutExtension(photo)}_{map.Method}_{map.Class.Index}.png";
        using var overlay = Image.LoadPixelData<Rgb24>(map.Overlay(pixels), image.Width, image.Height);
        overlay.SaveAsPng(file);
        Console.WriteLine($"{map.Class}, {map.Range.Explanation ?? $"box {map.Box}"}: {file}");
    }

    return 0;
}
catch (GpuCamException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
