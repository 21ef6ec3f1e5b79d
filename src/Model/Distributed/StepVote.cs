namespace GpuCam.Model;

/// <summary>What a rank says with each training step's gradients (<see cref="Trainer.Vote"/>), and what all have said together.</summary>
/// <param name="Stop">Whether to end after this step; agreed where any rank says so.</param>
/// <param name="Seconds">How long training has taken so far by this rank's clock; agreed are those of rank 0, so that all end by one
/// clock.</param>
public readonly record struct StepVote(bool Stop, double Seconds);
