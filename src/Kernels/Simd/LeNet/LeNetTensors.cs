namespace GpuCam.Kernels.Simd;

/// <summary>
/// Where the parameters of the network lie, or their gradients:
/// <code>
/// conv1Weight       [kh, kw, ic, oc]     conv1Bias [oc]
/// conv2Weight       [kh, kw, ic, oc]     conv2Bias [oc]
/// classifierWeight  [channel, class]     classifierBias [class], or null
/// </code>
/// </summary>
internal readonly unsafe struct LeNetTensors(
    float* conv1Weight, float* conv1Bias, float* conv2Weight, float* conv2Bias, float* classifierWeight, float* classifierBias)
{
    public readonly float* Conv1Weight = conv1Weight;
    public readonly float* Conv1Bias = conv1Bias;
    public readonly float* Conv2Weight = conv2Weight;
    public readonly float* Conv2Bias = conv2Bias;
    public readonly float* ClassifierWeight = classifierWeight;
    public readonly float* ClassifierBias = classifierBias;
}
