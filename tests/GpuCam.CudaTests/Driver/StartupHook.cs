using GpuCam.CudaTests.Driver;

/// <summary>
/// Gives a process of the program the driver before anything else runs: a .NET host that finds this assembly in DOTNET_STARTUP_HOOKS calls
/// it, whatever it starts. So ranks have one too.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        if (DriverLibrary.WhyNot is { } missing)
        {
            throw new InvalidOperationException(missing);
        }

        CudaDriver.Faulted = Environment.FailFast;
    }
}
