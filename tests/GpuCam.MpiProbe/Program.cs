using GpuCam;
using GpuCam.Model;
using GpuCam.MpiProbe;

// A rank that does what the tests want to see of ranks: dotnet GpuCam.MpiProbe.dll WHAT [ARGUMENT …]. Rank 0 writes.
if (args.Length == 0)
{
    Voice.Say("calls | turns SECONDS [FILE] | work SECONDS [FILE] | abort RANK CODE | signals", Voice.Errors);
    return 2;
}

try
{
    var joined = MpiCommunicator.Join(line => Voice.Say(line, Voice.Errors));
    if (joined is null)
    {
        Voice.Say("no launcher", Voice.Output);
        return 0;
    }

    int exitCode = Probes.Run(joined, args);
    joined.Dispose();
    return exitCode;
}
catch (GpuCamException e)
{
    Voice.Say("error: " + e.Message, Voice.Errors);
    return 2;
}
