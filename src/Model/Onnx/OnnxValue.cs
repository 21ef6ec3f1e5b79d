using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// What a name of the file stands for while the graph is made: an activation or a constant; neither once something went wrong.
/// </summary>
/// <param name="Activation">A value of the graph and how ONNX sees it.</param>
/// <param name="Constant">Known at load.</param>
internal sealed record OnnxValue(OnnxActivation? Activation, OnnxConstant? Constant)
{
    /// <summary>What a node that cannot run makes: whoever reads it is not to blame.</summary>
    public static OnnxValue Broken { get; } = new(null, null);
}

/// <summary>A value of the graph and how ONNX sees it: dense memory [N, H, W, C], the images slowest, and a view of it.</summary>
internal sealed record OnnxActivation(Value Value, OnnxView View)
{
    /// <summary>The extents that ONNX sees.</summary>
    public IReadOnlyList<long> Extents => View.Extents;

    /// <summary>How many axes ONNX sees.</summary>
    public int Rank => View.Rank;

    /// <summary>What the file calls it.</summary>
    public string Name { get; private init; } = "";

    /// <summary>The same under another name.</summary>
    public OnnxActivation Called(string name) => this with { Name = name };
}

/// <summary>Which axes of an ONNX tensor lie along each axis of memory, slowest first.</summary>
internal sealed record OnnxLayout(int[] N, int[] H, int[] W, int[] C)
{
    /// <summary>NCHW as NHWC.</summary>
    public static OnnxLayout Picture { get; } = new([0], [2], [3], [1]);

    /// <summary>All axes in the order of memory.</summary>
    public int[] Order => [.. N, .. H, .. W, .. C];

    /// <summary>The four lists.</summary>
    public int[][] Lists => [N, H, W, C];

    /// <summary>What is taken where nothing speaks for another: pictures channels last, all else as it is.</summary>
    public static OnnxLayout Usual(int rank, long batch) => rank switch
    {
        0 => new([], [], [], []),
        1 => batch > 1 ? new([0], [], [], []) : new([], [], [], [0]),
        2 => new([0], [], [], [1]),
        3 => new([0], [], [1], [2]),
        4 => Picture,
        _ => new([0], [.. Enumerable.Range(1, rank - 3)], [rank - 2], [rank - 1]),
    };

    /// <summary>
    /// How an activation lies in the memory of its value; null if an axis is torn apart there or lies along two of memory's.
    /// </summary>
    public static OnnxLayout? Of(OnnxActivation x, long batch)
    {
        if (x.View.MemoryOrder() is not { } order)
        {
            return null;
        }

        Shape shape = x.Value.Shape;
        long[] wanted = [shape.N * batch, shape.H, shape.W, shape.C];
        List<int>[] lists = [[], [], [], []];
        int list = 0;
        long product = 1;
        foreach (int axis in order)
        {
            long extent = x.Extents[axis];
            while (extent > 1 && product == wanted[list] && list < 3)
            {
                (list, product) = (list + 1, 1);
            }

            lists[extent == 1 ? 3 : list].Add(axis);
            product *= extent;
            if (product > wanted[list])
            {
                return null;
            }
        }

        return new OnnxLayout([.. lists[0]], [.. lists[1]], [.. lists[2]], [.. lists[3]]);
    }

    /// <summary>The shape of memory for a tensor of these extents.</summary>
    /// <exception cref="GpuCamException">It is too large, or images do not lie along the first axis.</exception>
    public Shape ShapeOf(IReadOnlyList<long> extents, long batch)
    {
        Span<int> shape = stackalloc int[4];
        for (int i = 0; i < shape.Length; i++)
        {
            long extent = OnnxView.Product(Lists[i].Select(axis => extents[axis])) ?? long.MaxValue;
            if (batch > 1 && i == 0 != (extent % batch == 0))
            {
                throw new GpuCamException("looks across images");
            }

            extent = i == 0 ? extent / batch : extent;
            shape[i] = extent is >= 1 and <= int.MaxValue ? (int)extent : throw new GpuCamException($"an extent of {extent}");
        }

        return (Int128)shape[0] * shape[1] * shape[2] * shape[3] <= int.MaxValue
            ? new Shape(shape[0], shape[1], shape[2], shape[3])
            : throw new GpuCamException($"[{string.Join(", ", extents)}] is too large");
    }
}
