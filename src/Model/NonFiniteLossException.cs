namespace GpuCam.Model;

/// <summary>
/// The loss of a training step was NaN or infinite. The step's update was not made: the weights are those of the step before.
/// </summary>
public sealed class NonFiniteLossException : Exception
{
    /// <summary>The loss of step <paramref name="step"/> was <paramref name="loss"/>.</summary>
    public NonFiniteLossException(int step, double loss)
        : base($"the loss is {loss} in step {step}: lower the learning rate, and look for non-finite values in the data")
    {
        Step = step;
    }

    /// <summary>An error with a message of its own.</summary>
    public NonFiniteLossException(string message) : base(message)
    {
    }

    /// <summary>An error with a message and a cause of its own.</summary>
    public NonFiniteLossException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>An error without details; prefer the constructor with the step.</summary>
    public NonFiniteLossException()
    {
    }

    /// <summary>The step, counted from 1, that failed.</summary>
    public int Step { get; }
}
