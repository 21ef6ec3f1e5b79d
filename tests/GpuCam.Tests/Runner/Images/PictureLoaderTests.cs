using GpuCam.Model;
using GpuCam.Runner.Images;
using GpuCam.Tests.Model.Pictures;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Images;

/// <summary>Pictures decoded ahead: in order, with their inputs or with the reason why not.</summary>
public sealed class PictureLoaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(4, 32)]
    public void Pictures_come_in_order_with_what_one_thread_alone_would_make_of_them(int workers, int batchSize)
    {
        ListedPicture[] pictures = [.. Enumerable.Range(0, 17).Select(i => Draw(i, 20 + i, 31 - i))];
        Preprocessing how = Preprocessing.Preset("imagenet").ForNetwork(12, 16, 3);
        using var loader = new PictureLoader(pictures, new PictureLoaderOptions(how, 3, batchSize) { Workers = workers, ShownSide = 24 });
        int index = 0;
        while (loader.Take() is { } batch)
        {
            using (batch)
            {
                Assert.Equal((12, 16, 3, batch.Pictures.Count), (batch.Height, batch.Width, batch.Channels, batch.Count));
                foreach (LoadedPicture picture in batch.Pictures)
                {
                    Assert.Equal((index, pictures[index], null), (picture.Index, picture.Listed, picture.Error));
                    Image8 whole = ImageReader.ReadFile(pictures[index].Path);
                    PictureGeometry plan = how.Plan(whole.Width, whole.Height);
                    float[] expected = new float[12 * 16 * 3];
                    how.Apply(whole.Pixels, plan, 3, expected);
                    Assert.Equal(plan, picture.Geometry);
                    Assert.Equal(expected, batch.Inputs.Slice(picture.Row * expected.Length, expected.Length).ToArray());
                    Assert.Equal(24, Math.Min(24, Math.Max(picture.Shown!.Width, picture.Shown.Height)));
                    index++;
                }
            }

            Assert.Throws<ObjectDisposedException>(() => batch.Inputs.Length);
        }

        Assert.Equal(17, index);
        Assert.Null(loader.Take());
    }

    [Fact]
    public void Pictures_that_cannot_be_read_come_as_their_reason_and_the_rest_is_done()
    {
        ListedPicture[] pictures =
        [
            Listed(_folder.Write("text.jpg", "hello")), Draw(1, 9, 9), Listed(_folder["gone.png"]),
            Listed(_folder.Write("cut.png", File.ReadAllBytes(Draw(2, 9, 9).Path)[..60])), Draw(3, 9, 9),
        ];
        using var loader = new PictureLoader(
            pictures, new PictureLoaderOptions(Preprocessing.Preset("unit").ForNetwork(8, 8, 3), 3, 16));
        using PictureBatch batch = loader.Take()!;
        Assert.Equal([-1, 0, -1, -1, 1], batch.Pictures.Select(picture => picture.Row));
        Assert.Equal(2, batch.Count);
        Assert.All(batch.Pictures, picture => Assert.Equal(picture.Row < 0, picture is { Error: not null, Shown: null, Geometry: null }));
        Assert.StartsWith($"{_folder["text.jpg"]}: this is no image but text", batch.Pictures[0].Error);
        Assert.StartsWith($"{_folder["gone.png"]}: there is no such file", batch.Pictures[2].Error);
        Assert.Null(loader.Take());

        using var onlyBad = new PictureLoader(
            [pictures[0]], new PictureLoaderOptions(Preprocessing.Preset("unit").ForNetwork(8, 8, 3), 3, 4));
        using PictureBatch none = onlyBad.Take()!;
        Assert.Equal((0, 0), (none.Count, none.Inputs.Length));
    }

    [Fact]
    public void A_batch_has_inputs_of_one_size()
    {
        ListedPicture[] pictures = [Draw(0, 5, 4), Draw(1, 5, 4), Listed(_folder["gone.png"]), Draw(2, 4, 5), Draw(3, 5, 4)];
        Preprocessing how = (Preprocessing.Preset("unit") with { Fit = PictureFit.None }).ForNetwork(null, null, 1);
        using var loader = new PictureLoader(pictures, new PictureLoaderOptions(how, 1, 8));
        var sizes = new List<(int, int, int, int)>();
        while (loader.Take() is { } batch)
        {
            sizes.Add((batch.Pictures.Count, batch.Count, batch.Width, batch.Height));
            batch.Dispose();
        }

        Assert.Equal([(3, 2, 5, 4), (1, 1, 4, 5), (1, 1, 5, 4)], sizes);

        using var strict = new PictureLoader(pictures, new PictureLoaderOptions(how with { Height = 4, Width = 5 }, 1, 8));
        using PictureBatch all = strict.Take()!;
        Assert.StartsWith($"{pictures[3].Path}: the picture has 4 x 5 pixels, but the network takes 5 x 4;", all.Pictures[3].Error);
    }

    [Fact]
    public void No_more_is_decoded_ahead_than_was_said()
    {
        ListedPicture[] pictures = [.. Enumerable.Range(0, 12).Select(i => Draw(i, 6, 6))];
        using var loader = new PictureLoader(
            pictures, new PictureLoaderOptions(Preprocessing.Preset("unit").ForNetwork(4, 4, 3), 3, 2) { Ready = 3 });
        Assert.Equal(3, loader.Ready);
        using PictureBatch first = loader.Take()!;
        // Two were taken, so five may have been read by now; of the others the files can still go.
        foreach (ListedPicture picture in pictures[5..])
        {
            File.Delete(picture.Path);
        }

        int good = first.Count;
        while (loader.Take() is { } batch)
        {
            good += batch.Count;
            batch.Dispose();
        }

        Assert.Equal(5, good);
    }

    [Fact]
    public void Not_ahead_a_batch_is_decoded_when_it_is_asked_for()
    {
        ListedPicture[] pictures = [.. Enumerable.Range(0, 6).Select(i => Draw(i, 6, 6))];
        using var loader = new PictureLoader(
            pictures, new PictureLoaderOptions(Preprocessing.Preset("unit").ForNetwork(4, 4, 3), 3, 2) { Ahead = false });
        using PictureBatch first = loader.Take()!;
        Assert.Equal(2, first.Count);
        foreach (ListedPicture picture in pictures[2..])
        {
            File.Delete(picture.Path);
        }

        using PictureBatch second = loader.Take()!;
        Assert.Equal((2, 0), (second.Pictures.Count, second.Count));
    }

    [Fact]
    public void Cancelling_ends_the_wait_and_disposing_ends_the_work()
    {
        ListedPicture[] drawn = [.. Enumerable.Range(0, 3).Select(i => Draw(i, 900, 700))];
        ListedPicture[] pictures = [.. Enumerable.Range(0, 50).Select(i => drawn[i % 3])];
        var loader = new PictureLoader(
            pictures, new PictureLoaderOptions(Preprocessing.Preset("unit").ForNetwork(64, 64, 3), 3, 50) { Workers = 1 });
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => loader.Take(stop.Token));
        loader.Dispose();
        loader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => loader.Take());
        foreach (ListedPicture picture in pictures[..3])
        {
            using var file = new FileStream(picture.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
    }

    [Theory]
    [InlineData("chelsea.jpg")]
    [InlineData("coffee.jpg")]
    [InlineData("rocket.jpg")]
    public void A_reduced_photograph_gives_nearly_the_same_input(string name)
    {
        // Half the size that tests of the real case have, as these photographs are small: an input of 64 of pictures of 400 and more.
        string path = ScaledPictureTests.Photograph(name);
        Preprocessing how = (Preprocessing.Preset("imagenet") with { Scale = 1, Mean = [0], Deviation = [1] }).ForNetwork(64, 64, 3);
        Image8 whole = ImageReader.ReadFile(path);
        PictureGeometry plan = how.Plan(whole.Width, whole.Height);
        float[] expected = new float[64 * 64 * 3];
        how.Apply(whole.Pixels, plan, 3, expected);
        using var loader = new PictureLoader([Listed(path)], new PictureLoaderOptions(how, 3, 1) { ShownSide = 32 });
        using PictureBatch batch = loader.Take()!;
        Assert.Equal(plan, batch.Pictures[0].Geometry);
        double[] differences = [.. expected.Zip(batch.Inputs.ToArray(), (a, b) => (double)Math.Abs(a - b))];
        Assert.InRange(differences.Average(), 0, 2);
        Assert.InRange(differences.Max(), 0, 16);
    }

    private static ListedPicture Listed(string path) => new(path, path);

    private ListedPicture Draw(int seed, int width, int height)
    {
        var image = Image8.FromRgb(ScaledPictureTests.Drawn(width, height), width, height);
        image.FillRectangle(seed, seed, 3, 2, new Rgb((byte)(seed * 9), 200, 30));
        string path = _folder[$"{seed}-{width}x{height}.png"];
        PngWriter.WriteFile(path, image);
        return Listed(path);
    }
}
