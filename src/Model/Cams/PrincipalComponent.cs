using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// The projection of each image's pixels, vectors of K channels, on their first principal component: <c>(A - mean) v</c>, where v
/// is the first right singular vector of the centred [H * W, K] matrix. A vector's sign is arbitrary; it is the one that makes the
/// map's greatest value at least as large as its least one is small.
/// </summary>
internal static class PrincipalComponent
{
    private const int MaxIterations = 4096;
    private const double Settled = 1e-12;

    /// <summary>What <see cref="CamSmoothing.PrincipalComponent"/> makes of a method.</summary>
    public static void Map(WeightedCam method, CamContext context, Tensor map)
    {
        Tensor weights = method.Weights(context), features = context.Features;
        Tensor weighted = context.Memory("weighted features", features.Shape);
        ChannelScale.Forward(features, weights, weighted);
        Project(context, weighted, map);
    }

    /// <summary>
    /// Writes <paramref name="map"/> [N, H, W, 1] from <paramref name="values"/> [N, H, W, K]. Images without variance get zeros.
    /// </summary>
    public static void Project(CamContext context, Tensor values, Tensor map)
    {
        Shape shape = values.Shape;
        int k = shape.C;
        Tensor means = context.Memory("channel means", Shape.Matrix(shape.N, k));
        Tensor centred = context.Memory("centred features", shape);
        GlobalAveragePool.Forward(values, means);
        ChannelShift.Forward(values, means, centred);

        // The products of all pairs of channels, image by image: what the linear layer computes for its weights.
        Tensor products = context.Memory("channel products", new Shape(shape.N, k, 1, k));
        for (int n = 0; n < shape.N; n++)
        {
            var pixels = new Tensor(centred.Buffer, centred.Offset + (n * shape.Area * k), centred.Name, Shape.Matrix(shape.Area, k));
            Linear.BackwardWeight(
                pixels, pixels, new Tensor(products.Buffer, products.Offset + (n * k * k), products.Name, Shape.Matrix(k, k)));
        }

        float[] all = products.ToArray();
        float[] vectors = new float[shape.N * k];
        void Find(int n) => Dominant(all.AsSpan(n * k * k, k * k), vectors.AsSpan(n * k, k));
        if (values.Device is HostDevice host)
        {
            host.Threads.Parts(shape.N, Find);
        }
        else
        {
            Parallel.For(0, shape.N, Find);
        }

        ChannelWeightedSum.Forward(centred, context.Upload("principal vectors", Shape.Matrix(shape.N, k), vectors), map);
        ChooseSigns(map);
    }

    /// <summary>
    /// The eigenvector of the largest eigenvalue of a symmetric matrix without negative ones, by power iteration in double.
    /// </summary>
    private static void Dominant(ReadOnlySpan<float> matrix, Span<float> vector)
    {
        int k = vector.Length, start = 0;
        for (int i = 1; i < k; i++)
        {
            if (matrix[(i * k) + i] > matrix[(start * k) + start])
            {
                start = i;
            }
        }

        // A column of the matrix has no share of what the matrix cannot reach.
        double[] m = new double[k * k];
        for (int i = 0; i < m.Length; i++)
        {
            m[i] = matrix[i];
        }

        double[] current = m.AsSpan(start * k, k).ToArray(), next = new double[k];
        if (!Normalize(current))
        {
            vector.Fill(matrix.ContainsAnyExceptInRange(float.MinValue, float.MaxValue) ? float.NaN : 0);
            return;
        }

        for (int iteration = 0; iteration < MaxIterations; iteration++)
        {
            double change = 0;
            for (int i = 0; i < k; i++)
            {
                next[i] = Dot(m.AsSpan(i * k, k), current);
            }

            if (!Normalize(next))
            {
                break;
            }

            for (int i = 0; i < k; i++)
            {
                change = Math.Max(change, Math.Abs(next[i] - current[i]));
            }

            (current, next) = (next, current);
            if (change < Settled)
            {
                break;
            }
        }

        for (int i = 0; i < k; i++)
        {
            vector[i] = (float)current[i];
        }
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    /// <summary>Makes the length 1; false if it is 0 or not finite.</summary>
    private static bool Normalize(Span<double> vector)
    {
        double length = Math.Sqrt(Dot(vector, vector));
        if (!(length > 0 && double.IsFinite(length)))
        {
            return false;
        }

        foreach (ref double value in vector)
        {
            value /= length;
        }

        return true;
    }

    private static void ChooseSigns(Tensor map)
    {
        float[] all = map.ToArray();
        int area = map.Shape.Area;
        for (int start = 0; start < all.Length; start += area)
        {
            Span<float> one = all.AsSpan(start, area);
            float min = 0, max = 0;
            foreach (float value in one)
            {
                min = MathF.Min(min, value);
                max = MathF.Max(max, value);
            }

            if (-min > max)
            {
                foreach (ref float value in one)
                {
                    value = -value;
                }
            }
        }

        map.CopyFrom(all);
    }
}
