using GpuCam;
using GpuCam.Model;
using GpuCam.MpiProbe;

// A rank that does what the tests want to see of ranks: dotnet GpuCam.MpiProbe.dll WHAT [ARGUMENT …]. Rank 0 writes.
if (args.Length == 0)
{
    Console.Error.WriteLine("calls | turns SECONDS | work SECONDS | abort RANK CODE | throw RANK | signals");
    return 2;
}

try
{
    MpiCommunicator? joined = MpiCommunicator.Join();
    if (joined is null)
    {
        Console.WriteLine("no launcher");
        return 0;
    }

    joined.Lost = Console.Error.WriteLine;
    int exitCode = Probes.Run(joined, args);
    joined.Dispose();
    return exitCode;
}
catch (GpuCamException e)
{
    Console.Error.WriteLine("error: " + e.Message);
    return 2;
}
