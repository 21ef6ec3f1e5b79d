namespace GpuCam.Model;

/// <summary>How far an <see cref="Explainer"/> is.</summary>
/// <param name="Maps">Maps that are done.</param>
/// <param name="Total">Maps that were asked for: pictures times classes.</param>
/// <param name="Share">Share of the whole, 0 to 1; it also grows within a map that takes many passes.</param>
public readonly record struct ExplainProgress(int Maps, int Total, double Share);
