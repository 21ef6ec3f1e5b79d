using System.Globalization;
using GpuCam.Runner;
using GpuCam.Runner.Commands;

// Numbers are read and written in one way wherever the program runs: an environment variable can switch the build's own
// invariant globalization off.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
Console.SetError(ConsoleWriter.ForReports(Console.Error));
Console.SetOut(ConsoleWriter.ForResults(ConsoleWriter.OpenOutput()));

return await CommandLine.RunAsync(args);
