namespace GpuCam.Model;

/// <summary>How the last feature maps become one number per channel.</summary>
public enum GlobalPooling
{
    /// <summary>By their mean: a map is the class's evidence, place by place, and its mean is the logit.</summary>
    Average,

    /// <summary>By their maximum, the alternative that the CAM paper compares with (arXiv 1512.04150, section 2).</summary>
    Max,
}
