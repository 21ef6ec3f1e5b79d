using System.Globalization;
using GpuCam.Model;
using GpuCam.Runner;
using GpuCam.Runner.Commands;

// Numbers are read and written in one way wherever the program runs: an environment variable can switch the build's own
// invariant globalization off.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
bool launched = MpiCommunicator.Launched is not null;
Console.SetError(ConsoleWriter.ForReports(ConsoleWriter.OpenError(launched)));
Console.SetOut(ConsoleWriter.ForResults(ConsoleWriter.OpenOutput(launched)));

return await CommandLine.RunAsync(args);
