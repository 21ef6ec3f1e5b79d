using GpuCam.CudaTests.Machine.Instructions;

namespace GpuCam.CudaTests.Machine.Memory;

/// <summary>What one instruction asked of memory in a launch.</summary>
/// <param name="Line">Its line in the PTX.</param>
/// <param name="Text">How it stands there.</param>
/// <param name="Requests">How often a warp executed it.</param>
/// <param name="Steps">Wavefronts of shared memory, or sectors of 32 bytes of global memory.</param>
/// <param name="LeastSteps">As many as it would be without conflicts, or if the bytes lay side by side.</param>
public sealed record AccessCount(int Line, string Text, long Requests, long Steps, long LeastSteps);

/// <summary>Counts what a launch asks of memory, in the units in which a card serves it: a model, from which no time follows.</summary>
/// <remarks>
/// Shared memory has 32 banks of four bytes and serves a warp in parts: all lanes at once for up to four bytes each, half of them for
/// eight, a quarter for 16. A part takes as many wavefronts as the bank from which most different words are wanted (CUDA C++ Programming
/// Guide, shared memory). Global memory moves sectors of 32 bytes.
/// </remarks>
internal sealed class Traffic
{
    private const int Banks = 32;
    private const int SectorBytes = 32;

    private readonly Dictionary<Instruction, AccessCount> _counts = [];

    public IReadOnlyCollection<AccessCount> Counts => _counts.Values;

    /// <summary>An access to shared memory: one address for each lane of the mask.</summary>
    public void Shared(Instruction instruction, uint mask, ReadOnlySpan<long> addresses, int bytes)
    {
        int lanes = Warp.Lanes * 4 / Math.Max(bytes, 4), steps = 0, least = 0;
        for (int first = 0; first < Warp.Lanes; first += lanes)
        {
            int wavefronts = Wavefronts((mask >> first) & (uint)((1L << lanes) - 1), addresses[first..], bytes);
            steps += wavefronts;
            least += wavefronts > 0 ? 1 : 0;
        }

        Add(instruction, steps, least);
    }

    /// <summary>An access to global memory.</summary>
    public void Global(Instruction instruction, uint mask, ReadOnlySpan<long> addresses, int bytes)
    {
        var sectors = new HashSet<long>();
        var places = new HashSet<long>();
        for (int lane = 0; lane < Warp.Lanes; lane++)
        {
            if ((mask >> lane & 1) != 0)
            {
                sectors.Add(addresses[lane] / SectorBytes);
                places.Add(addresses[lane]);
            }
        }

        Add(instruction, sectors.Count, ((places.Count * bytes) + SectorBytes - 1) / SectorBytes);
    }

    private void Add(Instruction instruction, int steps, int least)
    {
        AccessCount count = _counts.GetValueOrDefault(instruction) ?? new AccessCount(instruction.Line, instruction.Text, 0, 0, 0);
        _counts[instruction] = count with
        {
            Requests = count.Requests + 1,
            Steps = count.Steps + steps,
            LeastSteps = count.LeastSteps + least
        };
    }

    /// <summary>The most different words of one bank; 0 without a lane.</summary>
    private static int Wavefronts(uint mask, ReadOnlySpan<long> addresses, int bytes)
    {
        Span<int> perBank = stackalloc int[Banks];
        Span<long> words = stackalloc long[Banks];
        int count = 0, most = 0;
        for (int lane = 0; mask >> lane != 0 && lane < Warp.Lanes; lane++)
        {
            for (int word = 0; (mask >> lane & 1) != 0 && word < Math.Max(bytes / 4, 1); word++)
            {
                long place = (addresses[lane] / 4) + word;
                if (!words[..count].Contains(place))
                {
                    words[count++] = place;
                    most = Math.Max(most, ++perBank[(int)(place % Banks)]);
                }
            }
        }

        return most;
    }
}
