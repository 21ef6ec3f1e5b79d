using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Reports;

/// <summary>Makes frames from <c>.npy</c> files of one image size. Not for two threads at once.</summary>
internal sealed class GalleryFrames(int width, int height, ResizeMode mode, float boxThreshold)
{
    // Larger ones are shown smooth, and lighter than a PNG file of a photograph.
    private const int Small = 128, MostOfLarge = 320;

    private readonly MapPacker _packer = new(width, height, mode);
    private readonly MapComponents _components = new();

    /// <summary>The map in a file with its box, compared with the true one where there is one.</summary>
    /// <exception cref="GpuCamException">The file is damaged, or its map has another size than the image.</exception>
    public GalleryFrame Read(string path, Box? truth)
    {
        (float[] map, int[] shape) = Npy.ReadFile(path);
        if (shape is not [int rows, int columns] || rows != height || columns != width)
        {
            throw new GpuCamException($"{path}: a map of shape ({string.Join(", ", shape)}) beside an image of {width} x {height} "
                + "pixels; the files are of different runs");
        }

        var range = MapRange.Of(map);
        Box? box = range.State == MapState.Normal && _components.AboveShareOfMax(map, width, boxThreshold) is [MapComponent largest, ..]
            ? largest.Box : null;
        double? iou = truth is { } t ? box?.IntersectionOverUnion(t) ?? 0 : null;
        return new GalleryFrame(_packer.Pack(map), range.Explanation, GalleryFrame.Corners(box), iou, null, null, null);
    }

    /// <summary>The picture in a PNG file, and how it is shown under its maps: small ones with every pixel.</summary>
    public static GalleryImage ReadImage(string path, string name, ImageBackground background)
    {
        Image8 image = ImageReader.ReadFile(path);
        bool large = Math.Max(image.Width, image.Height) > Small;
        GalleryPicture picture = large ? GalleryPicture.Within(path, MostOfLarge) : GalleryPicture.Whole(path);
        return new GalleryImage(name, image.Width, image.Height, picture.Text, picture.Type, background == ImageBackground.Dark)
        {
            Columns = large ? image.Width : null,
            Rows = large ? image.Height : null,
        };
    }
}
