namespace GpuCam.Runner.Data;

/// <summary>Finds out how a folder of pictures is laid out.</summary>
internal static class PictureLayouts
{
    /// <summary>What the folder holds.</summary>
    /// <exception cref="GpuCamException">It is none of the layouts, or a wrong one.</exception>
    public static FoundPictures Find(PictureSetOptions options)
    {
        string folder = options.Folder;
        if (!Directory.Exists(folder))
        {
            throw new GpuCamException($"{folder}: there is no such folder; give one of pictures, such as a folder per class");
        }

        if (options.Labels is { } labels)
        {
            return Directory.Exists(labels) ? WsolMetadata.Read(labels, options)
                : File.Exists(labels) ? LabelTable.Read(labels, options)
                : throw new GpuCamException($"--labels {labels}: there is no such file; give a table of file and label");
        }

        if (WsolMetadata.In(folder) is { } metadata)
        {
            return WsolMetadata.Read(metadata, options);
        }

        if (NumberedPictures.AreIn(folder))
        {
            return NumberedPictures.Read(options);
        }

        string? table = LabelTable.Names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        return table is null ? ClassFolders.Read(options) : LabelTable.Read(table, options);
    }
}
