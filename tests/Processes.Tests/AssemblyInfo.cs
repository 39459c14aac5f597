using Xunit;

// Each test has two processors' worth of processes: one after the other, so that none is measured while another one runs.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
