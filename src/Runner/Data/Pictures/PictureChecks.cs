using System.Collections.Concurrent;
using GpuCam.Model;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Data;

/// <summary>Looks at every file of a set, on all cores: headers only. What is wrong is said once, all of it.</summary>
internal static class PictureChecks
{
    /// <summary>The pictures that can be read, with their sizes and all boxes, and a line for each that cannot.</summary>
    /// <exception cref="GpuCamException">
    /// Files cannot be read and are not to be left out, or boxes and masks do not belong to their pictures.
    /// </exception>
    public static (FoundPictures Found, string[] Broken) Look(FoundPictures found, PictureSetOptions options, Action<string> report)
    {
        var looked = new FoundPicture?[found.Pictures.Count];
        string?[] broken = new string?[looked.Length];
        var faults = new ConcurrentBag<string>();
        AllCores.For(looked.Length, i =>
        {
            FoundPicture picture = found.Pictures[i];
            try
            {
                (int width, int height) = Size(picture, options.Orientation);
                if (picture.Picture is { Width: > 0 } told && (told.Width, told.Height) != (width, height))
                {
                    faults.Add($"{picture.Picture.Path}: {width}x{height} pixels, but its table says {told.Width}x{told.Height}; put the "
                        + "right picture there, or give --orientation stored if it is turned");
                }

                looked[i] = picture with { Picture = picture.Picture with { Width = width, Height = height } };
            }
            catch (GpuCamException e)
            {
                broken[i] = e.Message;
            }
        });
        string[] lines = [.. broken.Where(line => line is not null).Select(line => line!)];
        if (!options.SkipBroken)
        {
            PictureFaults.Throw(
                options.Folder, [.. lines.Select(line => lines.Length > 1 ? line : $"{line}; or leave it out with --skip-broken")],
                $"of {looked.Length} files cannot be read", "mend or delete them, or leave them out with --skip-broken", report);
        }

        FoundPictures read = found with { Pictures = [.. looked.Where(picture => picture is not null).Select(picture => picture!)] };
        if (read.Pictures.Count == 0)
        {
            throw new GpuCamException($"{options.Folder}: there is no picture left of {looked.Length}; give a folder of pictures");
        }

        read = BoxFiles.Read(read, options, faults);
        foreach (FoundPicture picture in read.Pictures)
        {
            CheckPlaces(picture, faults);
        }

        PictureFaults.Throw(
            options.Folder, [.. faults.Order(StringComparer.Ordinal)], "boxes or sizes do not belong to their pictures", "correct them",
            report);
        return (read, lines);
    }

    private static (int Width, int Height) Size(FoundPicture picture, ImageOrientation orientation) =>
        picture.Place.File is null || File.Exists(picture.Picture.Path) ? ImageHeader.Read(picture.Picture.Path, orientation)
        : throw new GpuCamException($"{picture.Place}: {picture.Picture.Path} is not there; correct the row, or put the file there");

    private static void CheckPlaces(FoundPicture picture, ConcurrentBag<string> faults)
    {
        foreach (string mask in picture.Picture.Masks.Append(picture.Picture.IgnoreMask).OfType<string>().Where(mask => !File.Exists(mask)))
        {
            faults.Add($"{picture.Place}: the mask {mask} is not there; correct the row, or put the file there");
        }

        (int width, int height) = (picture.Picture.Width, picture.Picture.Height);
        for (int i = 0; i < picture.Picture.Boxes.Count; i++)
        {
            Box box = picture.Picture.Boxes[i];
            if (box.X0 < 0 || box.Y0 < 0 || box.X1 < box.X0 || box.Y1 < box.Y0 || box.X1 >= width || box.Y1 >= height)
            {
                faults.Add($"{picture.BoxPlaces[i]}: box {box} is no box inside {width}x{height} pixels; correct it");
            }
        }
    }
}
