using BenchmarkDotNet.Running;
using GpuCam.Benchmarks;

if (args is ["values", .. string[] files])
{
    return NetworkValues.Write(files);
}

BenchmarkSwitcher.FromAssembly(typeof(OpBenchmarksOnHost).Assembly).Run(args);
return 0;
