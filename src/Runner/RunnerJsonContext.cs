using System.Text.Json.Serialization;
using GpuCam.Runner.Cams;
using GpuCam.Runner.Reports;
using GpuCam.Runner.Training;

namespace GpuCam.Runner;

/// <summary>
/// How to write and read what commands of a second write and read, found out when this is built: at run time it would take reflection and
/// 500 methods for the runtime's compiler. Records that are read have no properties beside their parameters: those that a file leaves out
/// would lose their defaults here.
/// </summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(CamManifest))]
[JsonSerializable(typeof(GalleryManifest))]
[JsonSerializable(typeof(GalleryManifest.Header))]
[JsonSerializable(typeof(ReportData))]
[JsonSerializable(typeof(WorstRecord))]
internal sealed partial class RunnerJsonContext : JsonSerializerContext;
