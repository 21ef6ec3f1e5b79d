using GpuCam.Runner.Cams;

namespace GpuCam.Runner.Reports;

/// <summary>Makes the page of a folder of maps that <c>gpucam cam</c> wrote: <c>cam.html</c> beside its manifest.</summary>
internal static class CamReport
{
    /// <summary>What the maps of a folder are listed in.</summary>
    public const string ManifestName = "manifest.json";

    /// <summary>What the page is called where nobody says otherwise.</summary>
    public const string PageName = "cam.html";

    /// <summary>The manifest of a folder of maps.</summary>
    /// <exception cref="GpuCamException">There is none.</exception>
    public static string ManifestIn(string folder)
    {
        string path = Path.Combine(folder, ManifestName);
        return File.Exists(path)
            ? path
            : throw new GpuCamException($"{folder} holds no {ManifestName}; give the --out folder of gpucam cam");
    }

    /// <summary>Writes the page and returns its path.</summary>
    /// <exception cref="GpuCamException">A file is missing or damaged, or the page cannot be written.</exception>
    public static string Write(string folder, string? output = null)
    {
        var gallery = new CamGallery();
        gallery.Add(ManifestIn(folder));
        return Write(gallery, folder, output ?? Path.Combine(folder, PageName));
    }

    /// <summary>Writes the page of a folder whose manifest was written just now, and returns its path.</summary>
    /// <exception cref="GpuCamException">A file is missing, or the page cannot be written.</exception>
    public static string Write(string folder, CamManifest manifest)
    {
        var gallery = new CamGallery();
        gallery.Add(GalleryManifest.Of(manifest), Path.GetFullPath(folder));
        return Write(gallery, folder, Path.Combine(folder, PageName));
    }

    private static string Write(CamGallery gallery, string folder, string path)
    {
        string root = Path.GetFullPath(folder);
        ReportPage.WriteFile(path, new ReportData
        {
            Kind = "cams",
            Title = Path.GetFileName(Path.TrimEndingDirectorySeparator(root)),
            Folder = root,
            Written = DateTimeOffset.Now,
            Model = gallery.Manifest?.Model,
            Precision = gallery.Manifest?.Precision,
            Gallery = gallery.Data(),
            Notes = gallery.Notes,
        });
        return path;
    }
}
