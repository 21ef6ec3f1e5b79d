namespace GpuCam.CudaTests.Machine.Memory;

/// <summary>
/// Who wrote and who read each cell of a stretch of memory last. Cells have four bytes until somebody touches less, then one. What it
/// finds does not depend on the order in which warps and groups were executed.
/// </summary>
/// <param name="bytes">The stretch.</param>
internal sealed class AccessLog(long bytes)
{
    private struct Cell
    {
        public ulong Writer;
        public ulong Reader;
    }

    private Cell[] _cells = new Cell[(bytes + 3) / 4];
    private int _shift = 2;

    /// <summary>Forgets everything.</summary>
    public void Clear() => Array.Clear(_cells);

    /// <summary>Notes a read. Returns the stamp of a write that nothing orders before it, or 0.</summary>
    /// <param name="offset">The first byte.</param>
    /// <param name="length">How many.</param>
    /// <param name="stamp">Who reads.</param>
    /// <param name="missing">Whether one of the bytes was never written.</param>
    public ulong Read(long offset, int length, ulong stamp, out bool missing)
    {
        missing = false;
        foreach (ref Cell cell in Cells(offset, length))
        {
            ulong writer = cell.Writer, reader = cell.Reader;
            missing |= writer == 0;
            if (writer != 0 && ((writer & Stamp.UnderWay) != 0 || Stamp.Unordered(writer, stamp)))
            {
                return writer;
            }

            cell.Reader = reader == 0 ? stamp
                : !Stamp.SameGroup(reader, stamp) ? stamp | Stamp.OtherGroups
                : !Stamp.SameInterval(reader, stamp) ? stamp | (reader & Stamp.OtherGroups)
                : Stamp.SameThread(reader, stamp) ? reader
                : reader | Stamp.Many;
        }

        return 0;
    }

    /// <summary>Notes a write. Returns the stamp of a read or a write that nothing orders before it, or 0.</summary>
    public ulong Write(long offset, int length, ulong stamp)
    {
        foreach (ref Cell cell in Cells(offset, length))
        {
            ulong writer = cell.Writer, reader = cell.Reader;
            if (writer != 0 && ((writer & Stamp.UnderWay) != 0 || Stamp.Unordered(writer, stamp)))
            {
                return writer;
            }

            if (reader != 0 && ((reader & Stamp.OtherGroups) != 0 || Stamp.Unordered(reader, stamp)
                || ((reader & Stamp.Many) != 0 && Stamp.SameInterval(reader, stamp))))
            {
                return reader;
            }

            cell.Writer = stamp;
        }

        return 0;
    }

    /// <summary>Ends a copy that was under way.</summary>
    public void Land(long offset, int length, ulong stamp)
    {
        foreach (ref Cell cell in Cells(offset, length))
        {
            cell.Writer = stamp;
        }
    }

    private Span<Cell> Cells(long offset, int length)
    {
        if (_shift != 0 && ((offset | (long)length) & 3) != 0)
        {
            _cells = [.. _cells.SelectMany(cell => Enumerable.Repeat(cell, 4))];
            _shift = 0;
        }

        return _cells.AsSpan((int)(offset >> _shift), length >> _shift);
    }
}
