namespace GpuCam.Model;

/// <summary>How a picture of any size meets the size that a network takes.</summary>
public enum PictureFit
{
    /// <summary>Scaled until it covers the input times <see cref="Preprocessing.Margin"/>; the middle is cut out of it.</summary>
    Crop,

    /// <summary>Scaled to exactly the input's size, whatever becomes of its proportions.</summary>
    Stretch,

    /// <summary>Scaled until all of it fits, in the middle of the mean colour.</summary>
    Pad,

    /// <summary>As it is: the network takes any size, or the picture has the right one already.</summary>
    None,
}

/// <summary>
/// What a scaled pixel is made of. All but <see cref="Nearest"/> widen with the ratio when a picture shrinks, so that nothing is
/// skipped: that is what Pillow does, and torchvision with <c>antialias</c>.
/// </summary>
public enum PictureFilter
{
    /// <summary>The one pixel that the middle falls on.</summary>
    Nearest,

    /// <summary>A triangle, one pixel to each side: <c>1 - |x|</c>.</summary>
    Bilinear,

    /// <summary>Keys' cubic with a = -1/2, two pixels to each side.</summary>
    Bicubic,

    /// <summary><c>sinc(x) sinc(x / 3)</c>, three pixels to each side.</summary>
    Lanczos,
}

/// <summary>What the channels of a network's input are, in their order.</summary>
public enum ChannelOrder
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red, as Caffe and OpenCV have them.</summary>
    Bgr,

    /// <summary>The brightness by ITU-R BT.601, in every channel.</summary>
    Grey,
}
