namespace GpuCam.MpiTests;

/// <summary>A folder for what a job writes, gone after the test.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("gpucam-mpi-").FullName;

    /// <summary>A path in it.</summary>
    public string Path(string name) => System.IO.Path.Combine(Root, name);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
