using GpuCam.Model;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Serving;

/// <summary>
/// A picture that was sent, or the part of it that was asked for, as the network takes it. Its pixels are gone: while it waits for its turn
/// it costs little.
/// </summary>
/// <param name="Input">[1, H, W, C].</param>
/// <param name="Geometry">Where the input lies on the picture, or on its part, in full size.</param>
/// <param name="Width">Columns of the whole picture.</param>
/// <param name="Height">Its rows.</param>
/// <param name="Crop">The part; null for all.</param>
internal sealed record ServedPicture(float[] Input, PictureGeometry Geometry, int Width, int Height, Crop? Crop)
{
    /// <summary>Decodes it for a network.</summary>
    /// <param name="upload">The file.</param>
    /// <param name="network">The network.</param>
    /// <param name="crop">The part that is wanted; null for all.</param>
    /// <exception cref="ServeException">It is no picture, a damaged one, or has no such part.</exception>
    public static ServedPicture Decode(Upload upload, ServedNetwork network, Crop? crop) => Friendly(() =>
    {
        if (crop is null)
        {
            // Twice what the network sees: filtering from there on hides how the decoder reduced.
            DecodedPicture whole = ImageReader.ReadReduced(upload.File, upload.Name, ImageOrientation.Exif, (width, height) =>
            {
                PictureGeometry plan = network.Preprocessing.Plan(width, height);
                return (2 * plan.ScaledWidth, 2 * plan.ScaledHeight);
            });
            return Of(whole.Image, whole.Width, whole.Height, whole.Width, whole.Height);
        }

        // The pixels of a part are those of the whole: a reduced picture would move its edges.
        Image8 image = ImageReader.ReadReduced(upload.File, upload.Name, ImageOrientation.Exif, enough: null).Image;
        return Of(Cut(image, crop), crop.Width, crop.Height, image.Width, image.Height);

        ServedPicture Of(Image8 part, int partWidth, int partHeight, int width, int height)
        {
            PictureGeometry plan = network.Preprocessing.Plan(partWidth, partHeight);
            float[] input = new float[Preprocessing.InputLength(plan, network.Channels)];
            network.Preprocessing.Apply(part.Pixels, plan.OnCopy(part.Width, part.Height), network.Channels, input);
            return new ServedPicture(input, plan, width, height, crop);
        }
    });

    /// <summary>The picture as every browser shows it: JPEG, or PNG where it is small, and of at most so many pixels a side.</summary>
    /// <exception cref="ServeException">It is no picture, or a damaged one.</exception>
    public static ShownPicture Show(Upload upload, int side) => Friendly(() =>
    {
        DecodedPicture whole =
            ImageReader.ReadReduced(upload.File, upload.Name, ImageOrientation.Exif, (width, height) => Fit(width, height));
        (int wide, int high) = Fit(whole.Width, whole.Height);
        Image8 shown = whole.Image.ScaledTo(wide, high);
        using var file = new MemoryStream();
        bool small = wide <= ShownPicture.SmallSide && high <= ShownPicture.SmallSide;
        if (small)
        {
            PngWriter.Write(shown, file);
        }
        else
        {
            JpegWriter.Write(shown, file, JpegWriter.Drawn);
        }

        return new ShownPicture(file.ToArray(), small ? "image/png" : "image/jpeg", whole.Width, whole.Height);

        (int Width, int Height) Fit(int width, int height)
        {
            double scale = Math.Min(1, (double)side / Math.Max(width, height));
            return (Math.Max(1, (int)Math.Round(width * scale)), Math.Max(1, (int)Math.Round(height * scale)));
        }
    });

    /// <summary>What is wrong with a picture is for who sent it; other errors of this program may name files of this machine.</summary>
    private static T Friendly<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (GpuCamException e)
        {
            throw new ServeException(422, ClientText.Line(e.Message));
        }
        catch (OutOfMemoryException)
        {
            throw new ServeException(422, "there is not enough memory here for this picture; scale it down");
        }
    }

    private static Image8 Cut(Image8 image, Crop crop)
    {
        if ((long)crop.X + crop.Width > image.Width || (long)crop.Y + crop.Height > image.Height)
        {
            throw new ServeException(400, FormattableString.Invariant(
                $"crop {crop.X},{crop.Y},{crop.Width},{crop.Height} leaves the picture, which has {image.Width} x {image.Height} pixels"));
        }

        var part = new Image8(crop.Width, crop.Height);
        part.Draw(image, -crop.X, -crop.Y);
        return part;
    }
}

/// <summary>A file that every browser shows, and the size of the picture that it was made of.</summary>
internal sealed record ShownPicture(byte[] File, string Type, int Width, int Height)
{
    /// <summary>Pictures of at most this side keep every pixel as it is; what is larger is a photograph, mostly.</summary>
    public const int SmallSide = 256;
}
