using GpuCam.Runner.Data;

namespace GpuCam.Tests.Runner.Data;

public sealed class IdxFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Images_and_labels_are_read_as_they_were_written()
    {
        byte[] bytes = DataFixtures.IdxImages(3, 5);
        IdxImages images = IdxFile.ReadImages(_folder.Write("images", bytes));
        Assert.Equal((3, 5, 5), (images.Count, images.Rows, images.Columns));
        Assert.Equal(bytes[16..], images.Pixels);
        Assert.Equal([0, 1, 2, 3], IdxFile.ReadLabels(_folder.Write("labels", DataFixtures.IdxLabels(4))));
    }

    [Fact]
    public void A_gzip_file_that_says_so_is_unpacked()
    {
        byte[] bytes = DataFixtures.IdxLabels(4);
        Assert.Equal(bytes[8..], IdxFile.ReadLabels(_folder.Write("labels.gz", DataFixtures.Gzip(bytes))));
    }

    [Fact]
    public void A_gzip_file_in_disguise_is_called_one() =>
        Refused("labels", DataFixtures.Gzip(DataFixtures.IdxLabels(4)), "offset 0", "gzip file without .gz in its name");

    [Fact]
    public void A_plain_file_named_gz_is_called_one() =>
        Refused("labels.gz", DataFixtures.IdxLabels(4), "offset 0", "the first bytes do not");

    [Fact]
    public void A_damaged_gzip_file_is_refused()
    {
        byte[] packed = DataFixtures.Gzip(DataFixtures.IdxLabels(400));
        Refused("cut.gz", packed[..^20], "cut.gz", "fetch the file again");
        packed[^6] ^= 1;
        Refused("bent.gz", packed, "bent.gz", "fetch the file again");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(7)]
    public void A_file_that_ends_in_its_header_names_where(int length) =>
        Refused("labels", DataFixtures.IdxLabels(4)[..length], $"offset {length}", "ends inside the 8-byte header");

    [Fact]
    public void A_truncated_file_names_its_end_and_what_is_missing() =>
        Refused("labels", DataFixtures.IdxLabels(9)[..^2], "offset 15", "ends 2 bytes short of the 9");

    [Fact]
    public void Bytes_after_the_end_are_refused() =>
        Refused("labels", [.. DataFixtures.IdxLabels(9), 1, 2, 3], "offset 17", "3 bytes follow the 9");

    [Fact]
    public void A_wrong_magic_number_is_shown() =>
        Refused("labels", "\u0089PNG\r\n\u001a\nabcdef"u8.ToArray(), "offset 0", "0xc289504e", "with 0x00000801");

    [Fact]
    public void Images_where_labels_belong_are_recognised() =>
        Refused("labels", DataFixtures.IdxImages(1), "this is a file of images");

    [Fact]
    public void Labels_where_images_belong_are_recognised()
    {
        string path = _folder.Write("images", DataFixtures.IdxLabels(30));
        Assert.Contains("this is a file of labels", Assert.Throws<GpuCamException>(() => IdxFile.ReadImages(path)).Message);
    }

    [Theory]
    [InlineData(4, 0u)]
    [InlineData(4, 0x80000000u)]
    [InlineData(8, 0xFFFFFFFFu)]
    [InlineData(12, 0x7FFFFFFFu)]
    public void A_dimension_that_no_file_has_is_refused_before_any_memory_is_taken(int offset, uint value)
    {
        byte[] bytes = DataFixtures.IdxImages(2);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(offset), value);
        string path = _folder.Write("images", bytes);
        string message = Assert.Throws<GpuCamException>(() => IdxFile.ReadImages(path)).Message;
        Assert.StartsWith($"{path}: offset {offset}: dimension", message);
        Assert.Contains(value.ToString(), message);
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_refused_in_one_line()
    {
        foreach (string path in new[] { _folder["nothing"], _folder.Path })
        {
            string message = Assert.Throws<GpuCamException>(() => IdxFile.ReadLabels(path)).Message;
            Assert.StartsWith($"{path}: cannot be read", message);
            Assert.DoesNotContain('\n', message);
        }
    }

    [Fact]
    public void A_pool_refuses_files_that_do_not_fit_each_other()
    {
        string images = _folder.Write("images", DataFixtures.IdxImages(5));
        string small = _folder.Write("small", DataFixtures.IdxImages(5, 14));
        string labels = _folder.Write("labels", DataFixtures.IdxLabels(5));
        string fewer = _folder.Write("fewer", DataFixtures.IdxLabels(4));
        byte[] high = DataFixtures.IdxLabels(5);
        high[8 + 3] = 10;
        string outOfRange = _folder.Write("high", high);
        byte[] blank = DataFixtures.IdxImages(5);
        blank.AsSpan(16 + 2 * 784, 784).Clear();
        string withBlank = _folder.Write("blank", blank);

        Assert.Equal(5, DigitPool.Read(images, labels, 10).Count);
        Assert.Contains($"{small}: offset 8: images of 14x14", PoolError(small, labels));
        Assert.Contains($"{fewer}: offset 4: 4 labels for the 5 images", PoolError(images, fewer));
        Assert.Contains($"{outOfRange}: offset 11: label 10", PoolError(images, outOfRange));
        Assert.Contains($"{withBlank}: offset 1584: image 2 is blank", PoolError(withBlank, labels));
    }

    private static string PoolError(string images, string labels) =>
        Assert.Throws<GpuCamException>(() => DigitPool.Read(images, labels, 10)).Message;

    private void Refused(string name, byte[] bytes, params string[] parts)
    {
        string path = _folder.Write(name, bytes);
        string message = Assert.Throws<GpuCamException>(() => IdxFile.ReadLabels(path)).Message;
        Assert.StartsWith(path, message);
        Assert.DoesNotContain('\n', message);
        foreach (string part in parts)
        {
            Assert.Contains(part, message);
        }
    }
}
