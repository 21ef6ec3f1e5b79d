// Two cores are little enough for the ranks of one job.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
