// Jobs of two classes at once: much of their time they wait for an end.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
