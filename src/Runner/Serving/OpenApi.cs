using System.Text;
using GpuCam.Runner.Reports;

namespace GpuCam.Runner.Serving;

/// <summary>What scripts can ask for, described by OpenAPI 3.1.</summary>
internal static class OpenApi
{
    /// <summary>The document: UTF-8.</summary>
    public static byte[] Document { get; } = Encoding.UTF8.GetBytes(PageParts.Read("serve/openapi.json"));
}
