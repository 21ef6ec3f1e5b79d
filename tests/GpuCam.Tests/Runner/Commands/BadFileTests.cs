using System.Buffers.Binary;
using System.Text;
using GpuCam.Runner.Images;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

public sealed class BadFileTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Headers that lie, each over 16 bytes of data.</summary>
    public static TheoryData<string, string> LyingHeaders => new()
    {
        { """{"conv1.weight":{"dtype":"F32","shape":[1,1,2,2],"data_offsets":[0,1600]}}""", "conv1.weight" },
        { """{"conv1.weight":{"dtype":"F32","shape":[100,1,2,2],"data_offsets":[0,1600]}}""", "16 bytes follow" },
        { """{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", "overlap" },
        {
            """
            {"__metadata__":{"gpucam.size":"40"},
            "conv1.weight":{"dtype":"I64","shape":[1,1,1,1],"data_offsets":[0,8]},"conv1.bias":{"dtype":"F16","shape":[1],"data_offsets":[8,10]},
            "conv2.weight":{"dtype":"F16","shape":[1,1,1,1],"data_offsets":[10,12]},"conv2.bias":{"dtype":"F16","shape":[1],"data_offsets":[12,14]},
            "classifier.weight":{"dtype":"F16","shape":[1,1],"data_offsets":[14,16]}}
            """, "I64"
        },
        { """{"conv1.weight":{"dtype":"F32","shape":[-1,4],"data_offsets":[0,16]}}""", "conv1.weight" },
        { """{"conv1.weight":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,16]}}""", "conv1.weight" },
        { """{"conv1.weight":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", "conv1.weight" },
        { """{"other":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", "conv1.weight" },
        { """[1, 2, 3]""", "offset" },
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Digits_that_are_truncated_or_not_what_they_should_be_are_named_and_not_kept()
    {
        byte[] images = DataFixtures.IdxImages(60000);
        byte[] wrongMagic = [.. images];
        wrongMagic[3] = 1;
        RefusesDigits(images[..^1], "47040015 bytes instead of the 47040016");
        RefusesDigits(images, "SHA-256");
        RefusesDigits(wrongMagic, "SHA-256");
        RefusesDigits(DataFixtures.Gzip(images[..1000]), "1000 bytes instead of the 47040016");
        RefusesDigits(DataFixtures.Gzip(images)[..5000], "train-images-idx3-ubyte");
        RefusesDigits([], "0 bytes instead of the 47040016");
    }

    [Fact]
    public void A_folder_without_the_digits_is_named()
    {
        Gpucam.Call("data", "get", "mnist", "--from", _folder["none"], "--cache", _folder["cache"])
            .Refused(_folder["none"], "train-images-idx3-ubyte", "--from");
        Assert.False(Directory.Exists(_folder["cache"]));
    }

    [Theory]
    [MemberData(nameof(LyingHeaders))]
    public void A_model_file_with_a_lying_header_is_refused_by_every_command_that_reads_one(string header, string fragment)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        RefusesModel([.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[16]], fragment);
    }

    [Fact]
    public void A_model_file_that_announces_a_header_of_100_MB_is_refused()
    {
        byte[] bytes = new byte[1000];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, 100 << 20);
        RefusesModel(bytes, "104857600 bytes (offset 0)");
        BinaryPrimitives.WriteInt64LittleEndian(bytes, -1);
        RefusesModel(bytes, "(offset 0)");
        RefusesModel([], "(offset 0)");
    }

    [Fact]
    public void A_model_file_that_was_cut_off_is_refused()
    {
        byte[] bytes = File.ReadAllBytes(trained.Model);
        RefusesModel(bytes[..^1], "bytes follow the header");
        RefusesModel(bytes[..100], "(offset 0)");
        RefusesModel([.. bytes, 0], "bytes follow the header");
    }

    [Fact]
    public void A_model_file_that_is_not_there_is_named()
    {
        foreach (string path in (string[])[_folder["none.safetensors"], _folder.Path])
        {
            Gpucam.Call("eval", "--model", path).Refused(path, "the model cannot be read");
        }
    }

    [Fact]
    public void An_image_that_is_none_is_refused_and_nothing_is_drawn_of_the_others()
    {
        string text = _folder.Write("text.png", "this is no image, whatever its name says");
        RefusesImage(text, text);
        string cut = _folder.Write("cut.png", File.ReadAllBytes(trained.Image)[..^20]);
        RefusesImage(cut, cut);
        RefusesImage(_folder["none.png"], "there is no such file");
        Directory.CreateDirectory(_folder["empty"]);
        RefusesImage(_folder["empty"], "there is no picture in this folder");
    }

    [Fact]
    public void An_image_of_another_size_is_refused_with_both_sizes()
    {
        string path = _folder["wide.png"];
        PngWriter.WriteFile(path, Image8.FromFloats(new float[40 * 30], 40, 30, 1));
        RefusesImage(path, $"{path}: the picture has 40 x 30 pixels, but the network takes 32 x 32; scale it, or give --fit");
    }

    [Theory]
    [InlineData("1\t3\n2\t4\n3\t5\n", "img_4.png")]
    [InlineData("1\t3\n2\t1000\n3\t5\n4\t0\n", "line 2: label 1000")]
    [InlineData("1\t3\n2\t-1\n3\t5\n4\t0\n", "line 2: label -1")]
    [InlineData("1\t3\n2\t4\n3\t5\n5\t0\n", "line 4: index 5")]
    [InlineData("1\t3\n2\t4\n2\t5\n4\t0\n", "line 3: index 2 again")]
    [InlineData("1 3\n", "line 1: '1 3'")]
    public void Labels_that_are_missing_or_out_of_range_are_refused_with_their_line(string labels, string fragment)
    {
        for (int i = 1; i <= 4; i++)
        {
            _folder.Write($"samples/img_{i}.png", File.ReadAllBytes(trained.Image));
        }

        string path = _folder.Write("samples/labels.txt", labels);
        Gpucam.Call("train", "--data", _folder["samples"], "--out", _folder["run"]).Refused(path, fragment);
        Gpucam.Call("eval", "--data", _folder["samples"], "--model", trained.Model).Refused(path, fragment);
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public void A_damaged_sample_is_named_by_whoever_reads_it()
    {
        for (int i = 1; i <= 10; i++)
        {
            _folder.Write($"samples/img_{i}.png", File.ReadAllBytes(trained.Image));
        }

        string cut = _folder.Write("samples/img_9.png", File.ReadAllBytes(trained.Image)[..^30]);
        _folder.Write("samples/labels.txt", string.Concat(Enumerable.Range(1, 10).Select(i => $"{i}\t{i % 10}\n")));
        Gpucam.Call("eval", "--data", _folder["samples"], "--model", trained.Model).Refused(cut);
    }

    [Fact]
    public void Samples_of_another_size_than_the_model_s_are_refused_with_the_remedy()
    {
        Gpucam.Call("data", "make", "--out", _folder["samples"], "--count", "4", "--digits", "synthetic", "--size", "40").Succeeded();
        Gpucam.Call("eval", "--model", trained.Model, "--data", _folder["samples"]).Refused("32x32", "40x40", "--size 40");
        Gpucam.Call("eval", "--model", trained.Model, "--data", _folder["samples"], "--size", "40").Succeeded();
    }

    [Fact]
    public void An_output_folder_that_cannot_be_written_is_named()
    {
        // Below a file: that fails for an administrator too.
        string below = Path.Combine(_folder.Write("file", "x"), "out");
        Gpucam.Call(TinyRun.Train(below)).Refused(below, "--out");
        Gpucam.Call("cam", "--model", trained.Model, trained.Image, "--out", below).Refused(below, "cannot be written");
        Gpucam.Call("data", "make", "--out", below, "--count", "2", "--digits", "synthetic").Refused(below, "cannot be written");
        Gpucam.Call("data", "make", "--out", trained.Samples, "--count", "2", "--digits", "synthetic")
            .Refused(trained.Samples, "not an empty folder");
        Assert.Equal("x", File.ReadAllText(_folder["file"]));
    }

    private void RefusesDigits(byte[] bytes, string fragment)
    {
        string path = _folder.Write("idx/train-images-idx3-ubyte", bytes);
        Gpucam.Call("data", "get", "mnist", "--from", _folder["idx"], "--cache", _folder["cache"]).Refused(path, fragment, "--from");
        Assert.False(
            Directory.Exists(_folder["cache"]) && Directory.EnumerateFiles(_folder["cache"], "*", SearchOption.AllDirectories).Any());
    }

    private void RefusesModel(byte[] bytes, string fragment)
    {
        string path = _folder.Write("model.safetensors", bytes);
        Gpucam.Call("eval", "--model", path, "--cache", _folder["cache"], "--size", "32").Refused(path, fragment);
        Gpucam.Call("cam", "--model", path, trained.Image, "--out", _folder["cams"]).Refused(path, fragment);
        Assert.Equal([path], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    private void RefusesImage(string path, string fragment)
    {
        Gpucam.Call("cam", "--model", trained.Model, path, "--out", _folder["cams"]).Refused(path, fragment);
        Assert.False(Directory.Exists(_folder["cams"]));
    }
}
