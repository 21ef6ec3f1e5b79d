using GpuCam.Model;

namespace GpuCam.Runner.Data;

/// <summary>Small labelled images that samples are made of, all in memory; read by many threads at once.</summary>
public sealed class DigitPool
{
    /// <summary>Rows and columns of a digit.</summary>
    public const int DigitSize = 28;

    /// <summary>Pixels of a digit.</summary>
    public const int DigitArea = DigitSize * DigitSize;

    private readonly byte[] _pixels;
    private readonly byte[] _labels;
    private readonly Box[] _boxes;

    /// <summary>A pool over <paramref name="pixels"/> (0 = background), digit after digit, and as many labels.</summary>
    public DigitPool(byte[] pixels, byte[] labels)
    {
        if (labels.Length == 0 || pixels.Length != (long)labels.Length * DigitArea)
        {
            throw new ArgumentException($"{pixels.Length} pixels are not {labels.Length} digits of {DigitSize}x{DigitSize}");
        }

        _pixels = pixels;
        _labels = labels;
        _boxes = new Box[labels.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            _boxes[i] = Extent(Pixels(i)) ?? throw new ArgumentException($"digit {i} is blank");
        }
    }

    /// <summary>Number of digits.</summary>
    public int Count => _labels.Length;

    /// <summary>The pixels of all digits.</summary>
    internal ReadOnlySpan<byte> AllPixels => _pixels;

    /// <summary>The classes of all digits.</summary>
    internal ReadOnlySpan<byte> Labels => _labels;

    /// <summary>The pixels of a digit, row after row.</summary>
    public ReadOnlySpan<byte> Pixels(int index) => _pixels.AsSpan(index * DigitArea, DigitArea);

    /// <summary>The class of a digit.</summary>
    public int Label(int index) => _labels[index];

    /// <summary>The smallest box around the digit's pixels that are not 0, in its own coordinates.</summary>
    public Box Box(int index) => _boxes[index];

    /// <summary>Reads a pair of IDX files and checks that they fit each other.</summary>
    /// <exception cref="GpuCamException">A file is damaged, or the two do not belong together.</exception>
    public static DigitPool Read(string imagesPath, string labelsPath, int classes)
    {
        IdxImages images = IdxFile.ReadImages(imagesPath);
        byte[] labels = IdxFile.ReadLabels(labelsPath);
        if (images.Rows != DigitSize || images.Columns != DigitSize)
        {
            throw new GpuCamException(
                $"{imagesPath}: offset 8: images of {images.Columns}x{images.Rows} pixels; give a file of {DigitSize}x{DigitSize}");
        }

        if (images.Count != labels.Length)
        {
            throw new GpuCamException(
                $"{labelsPath}: offset 4: {labels.Length} labels for the {images.Count} images of {imagesPath}; give two files of one set");
        }

        int wrong = labels.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)(classes - 1));
        if (wrong >= 0)
        {
            throw new GpuCamException(
                $"{labelsPath}: offset {8 + wrong}: label {labels[wrong]}, but classes are 0 to {classes - 1}; give a file of such labels");
        }

        for (int i = 0; i < images.Count; i++)
        {
            if (!images.Pixels.AsSpan(i * DigitArea, DigitArea).ContainsAnyExcept((byte)0))
            {
                throw new GpuCamException(
                    $"{imagesPath}: offset {16 + (long)i * DigitArea}: image {i} is blank and has no box; give a file without such images");
            }
        }

        return new DigitPool(images.Pixels, labels);
    }

    /// <summary>The smallest box around the pixels of a digit that are not 0, or null if there are none.</summary>
    internal static Box? Extent(ReadOnlySpan<byte> pixels)
    {
        int x0 = DigitSize, y0 = DigitSize, x1 = -1, y1 = -1;
        for (int y = 0; y < DigitSize; y++)
        {
            ReadOnlySpan<byte> row = pixels.Slice(y * DigitSize, DigitSize);
            int first = row.IndexOfAnyExcept((byte)0);
            if (first < 0)
            {
                continue;
            }

            x0 = Math.Min(x0, first);
            x1 = Math.Max(x1, row.LastIndexOfAnyExcept((byte)0));
            y0 = Math.Min(y0, y);
            y1 = y;
        }

        return x1 < 0 ? null : new Box(x0, y0, x1, y1);
    }
}
