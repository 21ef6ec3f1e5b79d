using GpuCam.Runner.Commands;

return await CommandLine.RunAsync(args);
