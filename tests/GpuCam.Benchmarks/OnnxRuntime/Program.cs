using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;

// ONNX Runtime's side of 'gpucam bench --model FILE --cases forward --json': forward passes on random images, one line of JSON.
// Usage: onnxruntime-bench FILE --batch N --threads N --seconds S
if (args is not [var file, "--batch", var batchText, "--threads", var threadsText, "--seconds", var secondsText])
{
    Console.Error.WriteLine("error: usage: onnxruntime-bench FILE --batch N --threads N --seconds S");
    return 2;
}

int batch = int.Parse(batchText, CultureInfo.InvariantCulture), threads = int.Parse(threadsText, CultureInfo.InvariantCulture);
double seconds = double.Parse(secondsText, CultureInfo.InvariantCulture);
using var options = new SessionOptions
{
    IntraOpNumThreads = threads,
    InterOpNumThreads = 1,
    GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
};
using var session = new InferenceSession(file, options);
(string name, NodeMetadata input) = session.InputMetadata.First();
long[] shape = [batch, .. input.Dimensions.Skip(1).Select(extent => (long)extent)];
var random = new Random(1);
float[] images = new float[shape.Aggregate(1L, (product, extent) => product * extent)];
for (int i = 0; i < images.Length; i++)
{
    images[i] = (4 * random.NextSingle()) - 2;
}

using var value = OrtValue.CreateTensorValueFromMemory(images, shape);
using var run = new RunOptions();
var times = new List<double>();

// As GpuCam's Timing.Median: two to warm up, then at least five, or two where one takes longer than a second.
Forward();
long second = Stopwatch.GetTimestamp();
Forward();
int fewest = Stopwatch.GetElapsedTime(second).TotalSeconds > 1 ? 2 : 5;
long start = Stopwatch.GetTimestamp();
while (times.Count < fewest || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
{
    long begin = Stopwatch.GetTimestamp();
    Forward();
    times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
}

times.Sort();
Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, object>
{
    ["onnxruntime"] = OrtEnv.Instance().GetVersionString(),
    ["runs"] = times.Count,
    ["milliseconds"] = new Dictionary<string, double> { ["forward"] = times[times.Count / 2] },
}));
return 0;

void Forward()
{
    using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, [name], [value], session.OutputNames);
}
