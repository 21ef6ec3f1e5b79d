namespace GpuCam.Model;

/// <summary>How maps are made less noisy.</summary>
public enum CamSmoothing
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>
    /// The mean of six raw maps: of the image and its mirror image, each at 0.9, 1 and 1.1 times its brightness; the maps of mirror
    /// images are mirrored back.
    /// </summary>
    Augmentation,

    /// <summary>
    /// In place of the sum over the weighted channels their projection on their first principal component, for methods that weight
    /// channels.
    /// </summary>
    PrincipalComponent,
}
