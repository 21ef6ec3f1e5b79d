using System.Collections.Concurrent;
using GpuCam.Model;

namespace GpuCam.Runner.Data;

/// <summary>
/// Boxes of pictures out of XML files, one for each picture: in a folder of their own, called like the picture or like its path, or beside
/// the picture.
/// </summary>
internal static class BoxFiles
{
    /// <summary>What such a folder is called where it lies in the set's folder.</summary>
    public const string Folder = "Annotations";

    /// <summary>The pictures with the boxes of their class, for those that have none and are known by size.</summary>
    /// <param name="found">The pictures.</param>
    /// <param name="options">Where to look.</param>
    /// <param name="faults">Gets a line for each file that does not belong to its picture.</param>
    /// <exception cref="GpuCamException">The folder that was named holds no file for any of them.</exception>
    public static FoundPictures Read(FoundPictures found, PictureSetOptions options, ConcurrentBag<string> faults)
    {
        string usual = Path.Combine(options.Folder, Folder);
        string? folder = options.Boxes ?? (Directory.Exists(usual) ? usual : null);
        if (folder is not null && !Directory.Exists(folder))
        {
            throw new GpuCamException($"--boxes {folder}: there is no such folder; give one of XML files");
        }

        var read = new FoundPicture[found.Pictures.Count];
        var known = new HashSet<string>(found.ClassNames.Select(Plain));
        int files = 0;
        AllCores.For(read.Length, i =>
        {
            FoundPicture picture = read[i] = found.Pictures[i];
            if (picture.Picture is not { Boxes.Count: 0, Width: > 0 } || FileOf(picture.Picture, folder) is not { } file)
            {
                return;
            }

            Interlocked.Increment(ref files);
            try
            {
                var xml = BoxXml.Read(file);
                if (xml.FaultFor(picture.Picture) is { } fault)
                {
                    faults.Add(fault);
                    return;
                }

                Box[] boxes = Array.ConvertAll(
                    OfClass(xml, found.ClassNames[picture.Picture.Label], known), box => ToEdge(box, picture.Picture));
                read[i] = picture with
                {
                    Picture = picture.Picture with { Boxes = boxes },
                    BoxPlaces = [.. boxes.Select(_ => new FilePlace(file, 0))],
                };
            }
            catch (GpuCamException e)
            {
                faults.Add(e.Message);
            }
        });
        return options.Boxes is null || files > 0 ? found with { Pictures = read }
            : throw new GpuCamException($"--boxes {folder}: holds no XML file for any of the {read.Length} pictures; they are called "
                + $"like {PictureIds.Stem(found.Pictures[0].Picture.Id)}.xml");
    }

    private static string? FileOf(DataPicture picture, string? folder)
    {
        string stem = PictureIds.Stem(picture.Id), beside = Path.ChangeExtension(picture.Path, ".xml");
        string[] candidates = folder is null ? [beside]
            : [Path.Combine(folder, stem + ".xml"), Path.Combine(folder, Path.GetFileName(stem) + ".xml"), beside];
        return Array.Find(candidates, File.Exists);
    }

    /// <summary>The objects that bear the name of the picture's class; all, where none has the name of any class.</summary>
    private static Box[] OfClass(BoxXml xml, string name, HashSet<string> known)
    {
        string plain = Plain(name);
        bool told = xml.Objects.Any(one => known.Contains(Plain(one.Name)));
        return [.. xml.Objects.Where(one => !told || Plain(one.Name) == plain).Select(one => one.Box)];
    }

    /// <summary>
    /// The box without a row or column just outside of the picture: tools that write XML count from 0 as well as from 1, and ILSVRC has
    /// boxes up to the width.
    /// </summary>
    public static Box ToEdge(Box box, DataPicture picture) => picture.Width == 0 ? box : new(
        box.X0 == -1 ? 0 : box.X0, box.Y0 == -1 ? 0 : box.Y0, box.X1 == picture.Width ? box.X1 - 1 : box.X1,
        box.Y1 == picture.Height ? box.Y1 - 1 : box.Y1);

    private static string Plain(string name) => name.Trim().Replace('_', ' ').ToUpperInvariant();
}
