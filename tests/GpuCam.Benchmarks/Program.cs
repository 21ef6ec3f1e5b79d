using BenchmarkDotNet.Running;
using GpuCam.Benchmarks;

BenchmarkSwitcher.FromAssembly(typeof(OpBenchmarksOnHost).Assembly).Run(args);
