using GpuCam.Runner.Cams;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Data;

/// <summary>
/// A folder per class, <c>DIR/tabby cat/1.jpg</c>, at any depth below it; or such folders in <c>train</c>, <c>val</c> and <c>test</c>.
/// </summary>
internal static class ClassFolders
{
    /// <summary>What the folder holds.</summary>
    /// <exception cref="GpuCamException">There is no class, one without pictures, or one that the network does not have.</exception>
    public static FoundPictures Read(PictureSetOptions options)
    {
        (string Path, string Name)[] below = Below(options.Folder);
        (string Path, PictureSplit Split)[] splits =
            [.. below.Select(folder => (folder.Path, Split: SplitNames.Parse(folder.Name))).Where(folder => folder.Split is not null)
                .Select(folder => (folder.Path, folder.Split!.Value))];
        // One such name alone may be that of a class.
        bool split = splits.Length > 0 && splits.Length == below.Length;
        ClassFolder[] folders = split
            ? [.. splits.SelectMany(of => Below(of.Path).Select(folder => new ClassFolder(folder.Path, folder.Name, of.Split)))]
            : [.. below.Select(folder => new ClassFolder(folder.Path, folder.Name, null))];
        if (folders.Length == 0)
        {
            throw new GpuCamException($"{options.Folder}: holds no folder per class, no img_1.png with {ImageFolderTables.Labels}, and no "
                + $"{string.Join(" or ", LabelTable.Names)}; give --data with one of them");
        }

        PictureClasses.CheckSkipped(options, [.. folders.Select(folder => folder.Name)]);
        folders = [.. folders.Where(folder => !options.SkipClasses.Contains(folder.Name))];
        IReadOnlyList<string> names = options.Classes ?? PictureClasses.InOrder(folders.Select(folder => folder.Name));
        Func<ClassFolder, int> label = LabelOf(names, options.Classes is not null);
        var pictures = new List<FoundPicture>();
        foreach ((ClassFolder folder, int index) in folders.Select(folder => (folder, label(folder))).OrderBy(pair => pair.Item2))
        {
            pictures.AddRange(Pictures(folder, options.Folder)
                .Select(picture => new FoundPicture(picture with { Label = index }, folder.Split, default)));
        }

        string layout = split ? $"a folder per class in {string.Join(", ", splits.Select(of => Path.GetFileName(of.Path)))}"
            : "a folder per class";
        return new FoundPictures(layout, options.Folder, names, pictures);
    }

    /// <summary>The folders of a folder by name, without those that are hidden or hold boxes.</summary>
    private static (string Path, string Name)[] Below(string folder) =>
    [
        .. Directory.EnumerateDirectories(folder).Select(path => (Path: path, Name: Path.GetFileName(path)))
            .Where(below => below.Name[0] != '.' && below.Name != BoxFiles.Folder).OrderBy(below => below.Name, StringComparer.Ordinal),
    ];

    private static Func<ClassFolder, int> LabelOf(IReadOnlyList<string> names, bool ofNetwork)
    {
        if (!ofNetwork)
        {
            var places = names.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i);
            return folder => places[folder.Name];
        }

        var table = new ClassTable(names);
        return folder =>
        {
            try
            {
                return table.IndexOf(folder.Name);
            }
            catch (GpuCamException e)
            {
                throw new GpuCamException(
                    $"{folder.Path}: a folder is called by the name or number of its class ({e.Message}); or leave it out with "
                    + $"--skip-class {folder.Name}", e);
            }
        };
    }

    private static IEnumerable<DataPicture> Pictures(ClassFolder folder, string root)
    {
        IReadOnlyList<ListedPicture> listed;
        try
        {
            listed = PictureList.Expand([folder.Path], recursive: true);
        }
        catch (GpuCamException e)
        {
            throw new GpuCamException($"{e.Message}; add some, or leave the class out with --skip-class {folder.Name}", e);
        }

        return listed.Select(picture => new DataPicture(PictureIds.Of(root, picture.Path), picture.Path, 0));
    }

    private sealed record ClassFolder(string Path, string Name, PictureSplit? Split);
}
