using System.Text.Json;
using GpuCam.Tests.Runner.Commands;

// Started as a program, this assembly is gpucam for as many commands as standard input has lines; see Gpucam.Session.
for (string? line; (line = Console.In.ReadLine()) is not null;)
{
    Console.Out.WriteLine(JsonSerializer.Serialize(Gpucam.Call(JsonSerializer.Deserialize<string[]>(line)!)));
}
