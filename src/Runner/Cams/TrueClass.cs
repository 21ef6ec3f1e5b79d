using GpuCam.Runner.Data;

namespace GpuCam.Runner.Cams;

/// <summary>What the true class of a picture is: the class that <c>--class true</c> means.</summary>
/// <param name="classes">The network's classes.</param>
/// <param name="names">Their names.</param>
internal sealed class TrueClass(ClassTable classes, IReadOnlyList<string> names)
{
    /// <summary>Whether <c>--class</c> means it by this name: where no class is called so.</summary>
    public bool IsMeantBy(string name) => name == CamOptions.TrueClass && !names.Contains(name);

    /// <summary>The class of a picture, by the labels beside it or the name of its folder; null where neither tells.</summary>
    public int? Of(string file)
    {
        string? label = ImageFolderTables.LabelOf(file);
        if (label is null)
        {
            string folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file))) ?? "";
            List<string> all = [.. names];
            int index = all.IndexOf(folder);
            index = index >= 0 ? index : all.FindIndex(name => name.Replace('_', ' ') == folder.Replace('_', ' '));
            return classes.IsShared(folder) || index < 0 ? null : index;
        }

        return classes.IsShared(label) ? null : ImageFolderTables.ClassOf(label, names);
    }

    /// <summary>What is wrong with a picture whose class nothing tells.</summary>
    public GpuCamException Unknown(string file) => new(ImageFolderTables.LabelOf(file) switch
    {
        null => $"--class {CamOptions.TrueClass}: the class of {file} is not known; give an img_N.png with a row in a "
            + $"{ImageFolderTables.Labels} beside it, or a folder with a class's name",
        { } label when classes.IsShared(label) =>
            $"--class {CamOptions.TrueClass}: {file} has label {label}, the name of several classes; give --class with the number of one",
        { } label => $"--class {CamOptions.TrueClass}: {file} has label {label}, this network has {names.Count} classes",
    });
}
