using GpuCam.Runner;

namespace GpuCam.Tests.Runner;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gpucam").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_crash_in_the_middle_leaves_the_old_file_and_no_other()
    {
        string path = Path.Combine(_folder, "a.bin");
        AtomicFile.WriteAllBytes(path, [1, 2, 3]);
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write([9, 9]);
            stream.Flush();
            Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
            throw new InvalidOperationException("crash");
        }));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void The_new_bytes_replace_the_old_and_folders_are_made()
    {
        string path = Path.Combine(_folder, "x", "y", "a.txt");
        AtomicFile.WriteAllText(path, "one, longer");
        AtomicFile.WriteAllText(path, "två");
        Assert.Equal("två", File.ReadAllText(path));
        Assert.Equal(4, new FileInfo(path).Length);
        Assert.Single(Directory.GetFiles(Path.Combine(_folder, "x", "y")));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        string path = Path.Combine(file, "a.txt");
        Assert.StartsWith($"{path}: cannot be written", Message(path), StringComparison.Ordinal);
        Assert.StartsWith($"{_folder}: cannot be written", Message(_folder), StringComparison.Ordinal);
        Assert.StartsWith(": cannot be written", Message(""), StringComparison.Ordinal);
        string Message(string target) => Assert.Throws<GpuCamException>(() => AtomicFile.WriteAllText(target, "x")).Message;
        Assert.Empty(Directory.GetFiles(_folder, "*" + AtomicFile.TemporarySuffix));
    }

    [Fact]
    public void A_full_disk_is_a_failed_run_and_a_bad_path_is_bad_input()
    {
        const int NoSpace = 28, Denied = 13;
        string path = Path.Combine(_folder, "a.bin");
        string message = Assert.Throws<OutputException>(() => Fail(new IOException("No space left on device", NoSpace))).Message;
        Assert.Contains("No space left on device", message, StringComparison.Ordinal);
        Assert.Throws<GpuCamException>(() => Fail(new IOException("no", Denied)));
        Assert.Throws<GpuCamException>(() => Fail(new UnauthorizedAccessException("no")));
        Assert.Empty(Directory.GetFiles(_folder));
        void Fail(Exception e) => AtomicFile.Write(path, _ => throw e);
    }

    [Fact]
    public void Leftovers_of_a_killed_process_are_swept_away()
    {
        string kept = Path.Combine(_folder, "kept.bin");
        File.WriteAllText(kept, "");
        File.WriteAllText(Path.Combine(_folder, ".kept.bin.0" + AtomicFile.TemporarySuffix), "half");
        AtomicFile.DeleteLeftovers(_folder);
        Assert.Equal([kept], Directory.GetFiles(_folder));
    }
}
