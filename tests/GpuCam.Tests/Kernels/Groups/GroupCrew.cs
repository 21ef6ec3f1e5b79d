using System.Runtime.ExceptionServices;

namespace GpuCam.Tests.Kernels.Groups;

/// <summary>
/// The threads of one group, of which one runs at a time: it hands on where it waits at a barrier or has ended. So a barrier costs a
/// group of 256 as many switches and no more, and a run is the same every time. Whoever reads behind too few barriers what another
/// thread writes gets something else in the other order, which every other launch or so takes (<see cref="Run"/>). Threads live as
/// long as the crew; a barrier that only some threads of a group reach is an error.
/// </summary>
internal sealed class GroupCrew(Action<int> enter) : IDisposable
{
    private const int StackBytes = 1 << 20;

    [ThreadStatic]
    private static Member? s_current;

    private readonly List<Member> _members = [];
    private readonly Action<int> _enter = enter;
    private readonly Turn _caller = new();
    private Action _kernel = () => { };
    private ExceptionDispatchInfo? _failure;
    private bool _backwards;
    private int _size;
    private int _ended;

    /// <summary>
    /// Runs a group of <paramref name="size"/> threads to its end, from the last to the first if <paramref name="backwards"/>; what
    /// the first of them throws is thrown here, once all have ended.
    /// </summary>
    public void Run(int size, bool backwards, Action kernel)
    {
        while (_members.Count < size)
        {
            _members.Add(new Member(this, _members.Count));
        }

        (_kernel, _size, _backwards, _ended, _failure) = (kernel, size, backwards, 0, null);
        for (int i = 0; i < size; i++)
        {
            _members[i].HasEnded = false;
        }

        At(0).Turn.Give();
        _caller.Await();
        _failure?.Throw();
    }

    /// <summary>
    /// The calling thread, one of a crew's, waits for the others of its group: at one call of three, for ILGPU's <c>Group.Barrier</c>
    /// makes as many, two of them about how much shared memory each thread has allocated (<see cref="IlgpuGroup.Launch"/> looks after
    /// that).
    /// </summary>
    /// <returns>How many threads the group has.</returns>
    public static int Wait() => s_current?.Wait() ?? 1;

    public void Dispose()
    {
        foreach (Member member in _members)
        {
            member.Dismiss();
        }
    }

    private Member At(int place) => _members[_backwards ? _size - 1 - place : place];

    private void HandOnFrom(Member member)
    {
        int place = _backwards ? _size - 1 - member.Index : member.Index;
        for (int next = place + 1; next < _size; next++)
        {
            if (!At(next).HasEnded)
            {
                At(next).Turn.Give();
                return;
            }
        }

        if (_ended == _size)
        {
            _caller.Give();
            return;
        }

        // All have come to a barrier, or some have ended without it.
        if (_ended > 0)
        {
            Fail(new InvalidOperationException($"{_ended} of the {_size} threads of a group ended while others wait at a barrier"));
        }

        At(Enumerable.Range(0, _size).First(next => !At(next).HasEnded)).Turn.Give();
    }

    private void Fail(Exception e) => _failure ??= ExceptionDispatchInfo.Capture(e);

    /// <summary>One may run: handed from thread to thread.</summary>
    private sealed class Turn
    {
        private readonly object _lock = new();
        private bool _given;

        public void Give()
        {
            lock (_lock)
            {
                _given = true;
                Monitor.Pulse(_lock);
            }
        }

        public void Await()
        {
            lock (_lock)
            {
                while (!_given)
                {
                    Monitor.Wait(_lock);
                }

                _given = false;
            }
        }
    }

    /// <summary>A thread of the group.</summary>
    private sealed class Member
    {
        private readonly GroupCrew _crew;
        private readonly Thread _thread;
        private bool _dismissed;
        private int _calls;

        public Member(GroupCrew crew, int index)
        {
            (_crew, Index) = (crew, index);
            _thread = new Thread(Work, StackBytes) { IsBackground = true };
            _thread.Start();
        }

        public int Index { get; }

        public Turn Turn { get; } = new();

        public bool HasEnded { get; set; }

        public int Wait()
        {
            if (_calls++ % 3 == 0)
            {
                _crew.HandOnFrom(this);
                Turn.Await();
                if (_crew._failure is not null)
                {
                    throw new OperationCanceledException("another thread of the group failed");
                }
            }

            return _crew._size;
        }

        public void Dismiss()
        {
            _dismissed = true;
            Turn.Give();
            _thread.Join();
        }

        private void Work()
        {
            s_current = this;
            _crew._enter(Index);
            for (Turn.Await(); !_dismissed; Turn.Await())
            {
                _calls = 0;
                try
                {
                    if (_crew._failure is null)
                    {
                        _crew._kernel();
                    }
                }
#pragma warning disable CA1031 // Whatever a kernel throws must surface on the caller's thread, and not hang the others.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    _crew.Fail(e);
                }

                HasEnded = true;
                _crew._ended++;
                _crew.HandOnFrom(this);
            }
        }
    }
}
