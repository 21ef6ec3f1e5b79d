using GpuCam.Runner.Images;

namespace GpuCam.Tests.Fuzzing;

/// <summary>A kind of file that people give: damaged ones of it, and what reading one means.</summary>
internal abstract class FuzzKind
{
    private static readonly FuzzKind[] s_all =
    [
        .. DamagedPictures.Formats.Select(format => new PictureKind(format)),
        new OnnxKind("onnx", OnnxKind.Networks), new OnnxKind("onnx-operators", OnnxKind.Operators),
        new SafetensorsKind(), new NpyKind(), new IdxKind(),
    ];

    /// <summary>All kinds, by name.</summary>
    public static IReadOnlyDictionary<string, FuzzKind> All { get; } = s_all.ToDictionary(kind => kind.Name);

    /// <summary>What the test calls it.</summary>
    public abstract string Name { get; }

    /// <summary>How many run with the suite.</summary>
    public virtual int Few => 10_000;

    /// <summary>Most bytes that reading one may allocate, garbage included.</summary>
    public virtual long MostBytes => 100_000_000;

    /// <summary>Most time that reading one may take.</summary>
    public virtual TimeSpan MostTime => TimeSpan.FromSeconds(0.5);

    /// <summary>Why it is not run here; null if it is.</summary>
    public virtual string? Missing => null;

    /// <summary>File <paramref name="number"/>, which is the same whenever it is made.</summary>
    public abstract byte[] Make(long number);

    /// <summary>Reads it as the program does; on a damaged one throws a <see cref="GpuCamException"/> that begins with its name.</summary>
    public abstract void Read(byte[] bytes, long number, string name);

    /// <summary>What the file is called.</summary>
    public virtual string FileName(long number) => $"{number}.{Name}";

    /// <summary>Numbers at random, the same for a number of a file.</summary>
    protected static Random RandomOf(long number) => new((int)(number ^ (number >> 32)));

    private sealed class PictureKind(string format) : FuzzKind
    {
        public override string Name => format;

        public override int Few => 250;

        public override byte[] Make(long number) => DamagedPictures.Make(format, number);

        public override void Read(byte[] bytes, long number, string name) =>
            Assert.True(ImageReader.Read(new MemoryStream(bytes), name).Width > 0);
    }
}
