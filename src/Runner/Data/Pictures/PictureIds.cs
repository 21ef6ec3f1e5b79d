namespace GpuCam.Runner.Data;

/// <summary>What pictures are called: their path below the set's folder, with slashes.</summary>
internal static class PictureIds
{
    /// <summary>The name of a file: its path below the folder, or the whole path where it lies elsewhere.</summary>
    public static string Of(string folder, string path)
    {
        string relative = Path.GetRelativePath(folder, path).Replace('\\', '/');
        return relative.StartsWith("../", StringComparison.Ordinal) ? Path.GetFullPath(path).Replace('\\', '/') : relative;
    }

    /// <summary>The name without the file's ending: what boxes of a picture are found by.</summary>
    public static string Stem(string id) => id[..^Path.GetExtension(id).Length];

    /// <summary>Fails where two pictures differ only in their files' ending: boxes and maps would be taken for one another's.</summary>
    /// <exception cref="GpuCamException">Two have one name.</exception>
    public static void CheckDistinct(FoundPictures found, Action<string> report)
    {
        var first = new Dictionary<string, string>();
        var faults = new List<string>();
        foreach (FoundPicture picture in found.Pictures)
        {
            string id = picture.Picture.Id;
            if (!first.TryAdd(Stem(id), id))
            {
                faults.Add($"{picture.Picture.Path}: has the name of {first[Stem(id)]}; rename or delete one of them");
            }
        }

        PictureFaults.Throw(found.Source, faults, "pictures have the name of another", "rename or delete one of each", report);
    }
}
