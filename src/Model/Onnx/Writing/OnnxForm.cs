namespace GpuCam.Model;

/// <summary>The order of a value's axes in an ONNX file; in memory here it is always [N*n, H, W, C].</summary>
internal enum OnnxForm
{
    /// <summary>[N*n, C, H, W].</summary>
    Picture,

    /// <summary>[N*n, H, W, C].</summary>
    Last,

    /// <summary>[N*n, C], for values of one cell.</summary>
    Rows,
}

/// <summary>What follows from a form.</summary>
internal static class OnnxForms
{
    extension(OnnxForm form)
    {
        /// <summary>For each axis of the tensor, which of [N, H, W, C] it is.</summary>
        public int[] Order => form switch
        {
            OnnxForm.Picture => [0, 3, 1, 2],
            OnnxForm.Last => [0, 1, 2, 3],
            _ => [0, 3],
        };

        /// <summary>Where an axis is in the tensor.</summary>
        public int Place(Axis axis) => Array.IndexOf(form.Order, (int)axis);

        /// <summary>The extents of a tensor in this form out of those of [N, H, W, C].</summary>
        public long[] Extents(IReadOnlyList<long> nhwc) => [.. form.Order.Select(axis => nhwc[axis])];
    }
}
